import { addressBits, familyOf } from '../../cluster/address.js';
import { command } from '../../director/host/act.js';
import { isAside } from '../../director/host/addresses.js';
import type { HeldAddress } from '../../director/host/held.js';
import type { Check } from '../check.js';
import type { Finding } from '../finding.js';
import { type Task, tasksHere } from './part.js';

export const vipPlace: Check = {
  name: 'vip-place',
  about: 'the VIPs are where nobody hears of them: off the wire, each alone, and no source address',
  async examine(patient) {
    const tasks = await tasksHere(patient);
    if (!tasks) return undefined;
    const { director, anonymousDirector } = patient.machine;
    return judgePlaces(await patient.addresses(), tasks, director !== undefined || anonymousDirector);
  },
};

/** @param directs whether this host is a director, too, and so may have the VIP where neighbours ask for it */
export function judgePlaces(
  held: readonly HeldAddress[],
  tasks: readonly Task[],
  directs: boolean,
): Finding[] {
  const vips = new Map(
    tasks.flatMap(({ vip, place }) => (place === undefined ? [] : [[vip, place] as const])),
  );
  return held.flatMap((one): Finding[] => {
    const { address, prefix, interface: device } = one;
    const place = vips.get(address);
    if (place === undefined) return [];
    const removal = command('ip', 'addr', 'del', `${address}/${prefix}`, 'dev', device);
    if (!isAside(device)) {
      if (directs) return [];
      const what = `${address}/${prefix} is an address of ${device} here, which answers for it`;
      return [{ code: 'vip-on-wire', subject: address, what, mend: [removal] }];
    }
    const bits = addressBits(familyOf(address));
    if (prefix !== bits) {
      const again = command('ip', 'addr', 'add', `${address}/${bits}`, 'dev', device, ...quiet(address));
      const what = `it is ${address}/${prefix} on ${device}, so that this host takes that whole network for itself`;
      return [{ code: 'vip-prefix', subject: address, what, mend: [removal, again] }];
    }
    if (one.scope !== 'global' || one.deprecated) return [];
    const change = command('ip', 'addr', 'replace', `${address}/${bits}`, 'dev', device, ...quiet(address));
    const what = `on ${device} nothing keeps the kernel from choosing it as a source address`;
    // The scope of an IPv4 address cannot be changed in place.
    const mend = familyOf(address) === 'ipv6' ? [change] : [removal, change];
    return [{ code: 'vip-may-be-source', subject: address, what, mend }];
  });
}

/** What keeps the kernel from choosing the VIP as a source address: as the script of real servers adds it. */
function quiet(address: string): string[] {
  return familyOf(address) === 'ipv6' ? ['preferred_lft', '0'] : ['scope', 'host'];
}
