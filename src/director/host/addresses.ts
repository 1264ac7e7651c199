import { familyOf } from '../../cluster/address.js';
import { isInterface } from '../../cluster/naming.js';
import type { MovingAddress } from '../../render/director/addresses.js';
import type { Ports, Runner } from '../../system/ports.js';
import { KernelFailure } from '../failure.js';
import { type Act, command } from './act.js';
import type { HeldAddress } from './held.js';
import { makeSetting, settingsToMake } from './settings.js';

/** An address that a director should have, or have no more, as the machine is now. */
export interface Surveyed extends Pick<HeldAddress, 'address' | 'prefix'> {
  readonly state: 'there' | 'missing' | 'failed';
  /** Undefined where it is to be found. */
  readonly interface: string | undefined;
}

/** Where a real server has the VIP, which says nothing of directors. */
export function isAside(device: string): boolean {
  return /^(lo|dummy\d*|tunl\d*|ip6tnl\d*)$/.test(device);
}

/** Which of the wanted addresses are there. One with another prefix is there, as it is. */
export function survey(wanted: readonly MovingAddress[], present: readonly HeldAddress[]): Surveyed[] {
  const places = new Map(present.map(one => [`${one.interface} ${one.address}`, one]));
  const holders = new Map(
    present.filter(one => !isAside(one.interface)).map(one => [one.address, one.interface] as const),
  );
  return wanted.map(({ address, prefix, interface: given }) => {
    const device = given ?? holders.get(address);
    const found = places.get(`${device} ${address}`);
    if (!found) return { address, prefix, interface: device, state: 'missing' };
    return { address, prefix: found.prefix, interface: device, state: found.failed ? 'failed' : 'there' };
  });
}

/** What adds those that are not there, or not in use. @throws KernelFailure where no route leads to one */
export async function addressesToAdd(ports: Ports, all: readonly Surveyed[]): Promise<Act[]> {
  const acts: Act[] = [];
  for (const one of all) {
    if (one.state === 'there') continue;
    const device = one.interface ?? (await reachedBy(ports.runner, one.address));
    if (one.state === 'failed') acts.push(removal(one, device));
    const place = [`${one.address}/${one.prefix}`, 'dev', device];
    if (familyOf(one.address) === 'ipv4') {
      acts.push(command('ip', 'addr', 'add', ...place));
      continue;
    }
    // While the old director still has the address a check for duplicates would fail: so none, and the neighbours
    // are told. Without a preferred life time it is no source address: real servers would answer themselves.
    const conduct = [
      { path: `net/ipv6/conf/${device}/ndisc_notify`, value: '1' },
      { path: `net/ipv6/conf/${device}/dad_transmits`, value: '0' },
    ];
    acts.push(...(await settingsToMake(ports.files, conduct)).map(makeSetting));
    acts.push(command('ip', 'addr', 'add', ...place, 'preferred_lft', '0'));
  }
  // Two addresses of one interface ask for the same settings.
  return acts.filter(({ line }, index) => acts.findIndex(other => other.line === line) === index);
}

/** What takes them away. */
export function addressesToRemove(all: readonly Surveyed[]): Act[] {
  return all.flatMap(one => (one.state === 'missing' ? [] : [removal(one, one.interface!)]));
}

function removal({ address, prefix }: Surveyed, device: string): Act {
  return command('ip', 'addr', 'del', `${address}/${prefix}`, 'dev', device);
}

/** The interface by which an address would be reached. @throws KernelFailure where no route leads to it */
export async function reachedBy(runner: Runner, address: string): Promise<string> {
  const { stdout } = await runner.run('ip', ['-o', 'route', 'get', address]);
  const device = / dev (\S+)/.exec(stdout)?.[1] ?? '';
  if (isInterface(device) && device !== 'lo') return device;
  throw new KernelFailure(
    'refused',
    `no route leads to ${address}`,
    'the description has to name its interface',
  );
}
