import { type Act, command } from '../../director/host/act.js';
import { isAside } from '../../director/host/addresses.js';
import type { Role } from '../../director/role.js';
import type { Duties } from '../../render/director/duties.js';
import type { MovingAddress } from '../../render/director/addresses.js';
import { NotKnown } from '../ask.js';
import type { HeldAddress } from '../../director/host/held.js';
import type { Check } from '../check.js';
import type { Finding } from '../finding.js';
import { lvsctl } from '../mend.js';

export const vips: Check = {
  name: 'vips',
  about: 'the active director has all virtual addresses, and a standby none',
  async examine({ duties, role, addresses, machine, program, ports: { runner } }) {
    const all = await duties();
    if (!all) return undefined;
    const found = await role();
    // Without the program that asks for them, that nobody answers says nothing.
    if (found.state === 'unknown' && (await runner.run('arping', ['-V'])).missing) {
      throw new NotKnown(
        'there is no arping to ask the neighbours with',
        'install it (Debian: package iputils-arping)',
      );
    }
    const facts = {
      ...all,
      ...found,
      held: await addresses(),
      serves: machine.realServer,
    };
    return judgeVips(facts, lvsctl(program, 'director', 'start'));
  },
};

export interface VipFacts extends Pick<Duties, 'failover' | 'addresses'>, Pick<Role, 'state'> {
  readonly held: readonly HeldAddress[];
  /** This director is a real server, too, and so has VIPs aside. */
  readonly serves: boolean;
}

/** @param start what makes this machine the active director, where that is lvsctl's to do */
export function judgeVips(facts: VipFacts, start: Act): Finding[] {
  const { failover, addresses, state, serves } = facts;
  const aside = serves ? [] : addresses.flatMap(one => asideOf(one, facts));
  if (state === 'unknown' && addresses.length > 0) {
    const what = 'no director is seen to have a virtual address';
    return [{ code: 'vip-nowhere', subject: 'virtual addresses', what, help: OWNERS[failover] }, ...aside];
  }
  if (state === 'standby') return aside;
  return [...addresses.flatMap(one => lackOf(one, facts, start) ?? []), ...aside];
}

const OWNERS: Readonly<Record<Duties['failover'], string>> = {
  none: 'lvsctl director start adds it',
  vrrp: 'keepalived gives the addresses: journalctl -u keepalived says why it does not',
  heartbeat: 'heartbeat gives the addresses: journalctl -u heartbeat and its ha-log say why it does not',
};

/** Of an active director. */
function lackOf(
  { address, prefix, interface: device }: MovingAddress,
  { held, failover }: VipFacts,
  start: Act,
): Finding | undefined {
  const there = held.filter(one => one.address === address && !isAside(one.interface));
  const right = there.find(one => device === undefined || one.interface === device);
  const mend = failover === 'none' ? { mend: [start] } : { help: OWNERS[failover] };
  if (right && !right.failed) return undefined;
  if (right) {
    const what = `${right.interface} has it, and does not use it: another machine had it when it was added`;
    return { code: 'vip-failed', subject: address, what, ...mend };
  }
  const [elsewhere] = there;
  if (elsewhere) {
    const what = `it is on ${elsewhere.interface}, and should be on ${device}`;
    return { code: 'vip-elsewhere', subject: address, what, ...mend };
  }
  const what = `this director is active, and does not have ${address}/${prefix}${device === undefined ? '' : ` on ${device}`}`;
  return { code: 'vip-missing', subject: address, what, ...mend };
}

/** Where a real server has its VIPs; a machine that is none answers for them. */
function asideOf({ address }: MovingAddress, { held }: VipFacts): Finding[] {
  return held
    .filter(one => one.address === address && isAside(one.interface))
    .map(({ interface: device, prefix }) => ({
      code: 'vip-aside',
      subject: address,
      what: `it is on ${device}, as on a real server, and this director is none`,
      mend: [command('ip', 'addr', 'del', `${address}/${prefix}`, 'dev', device)],
    }));
}
