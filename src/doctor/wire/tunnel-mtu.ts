import { familyOf } from '../../cluster/address.js';
import { receivers } from '../../cluster/fallback.js';
import type { Runner } from '../../system/ports.js';
import { command } from '../../director/host/act.js';
import { missing } from '../../director/failure.js';
import type { Check } from '../check.js';
import type { Finding } from '../finding.js';
import { type Way, wayTo } from '../realserver/route.js';
import { inGroups } from './groups.js';
import { linkMtu } from './link-mtu.js';

export const tunnelMtu: Check = {
  name: 'tunnel-mtu',
  about: 'packets as large as the interface takes reach the servers behind tunnels',
  async examine({ ports: { runner }, cluster, machine }) {
    if (!machine.director && !machine.anonymousDirector) return undefined;
    const servers = cluster.services.flatMap(service =>
      receivers(service).flatMap(({ tunnel, address }) => (tunnel ? [address] : [])),
    );
    if (servers.length === 0) return undefined;
    const probed = await inGroups([...new Set(servers)], async one => probe(runner, one));
    return judgeTunnels(probed.filter(one => one !== undefined));
  },
};

/** How much reaches a server. */
export interface Probed {
  readonly way: Way;
  /** What should. */
  readonly mtu: number;
  /** `whole`; `told`: somebody says how much; `silent`: the rest vanishes; `no-answer`: not even small ones return. */
  readonly state: 'whole' | 'told' | 'silent' | 'no-answer';
  /** With `told` and `silent`: what does reach it; 0 where that is unknown. */
  readonly carries: number;
}

/** MTUs that paths have: PPPoE, the tunnels, VPNs, IPv6's least, and the old least of IPv4. */
const USUAL = [
  576, 1000, 1200, 1280, 1300, 1350, 1380, 1400, 1420, 1430, 1440, 1450, 1460, 1472, 1476, 1480, 1492, 1500,
  4000, 8000,
];

/** Undefined where no route leads to it, of which another check speaks. */
export async function probe(runner: Runner, address: string): Promise<Probed | undefined> {
  const way = await wayTo(runner, address);
  if (!way || way.interface === 'lo') return undefined;
  const mtu = way.mtu ?? (await linkMtu(runner, way.interface));
  const whole = await ping(runner, address, mtu);
  if (whole === true) return { way, mtu, state: 'whole', carries: mtu };
  if (whole !== false) return { way, mtu, state: 'told', carries: whole };
  if ((await ping(runner, address, 84)) !== true) return { way, mtu, state: 'no-answer', carries: 0 };
  return { way, mtu, state: 'silent', carries: await largest(runner, address, mtu) };
}

/** The largest usual MTU that reaches it. */
async function largest(runner: Runner, address: string, mtu: number): Promise<number> {
  const sizes = USUAL.filter(one => one < mtu);
  let [good, bad] = [-1, sizes.length];
  while (bad - good > 1) {
    const middle = Math.floor((good + bad) / 2);
    if ((await ping(runner, address, sizes[middle]!)) === true) good = middle;
    else bad = middle;
  }
  return sizes[good] ?? 0;
}

/** ping(8) -M do: whether a packet of this size, as IP counts it, is answered; or the MTU that somebody tells. */
async function ping(runner: Runner, address: string, size: number): Promise<boolean | number> {
  const headers = familyOf(address) === 'ipv4' ? 28 : 48;
  const args = ['-n', '-M', 'do', '-c', '2', '-i', '0.5', '-W', '2', '-s', String(size - headers), address];
  const { exitCode, stdout, stderr, missing: isMissing } = await runner.run('ping', args);
  if (isMissing) throw missing('ping');
  if (exitCode === 0) return true;
  const told = /\bmtu ?= ?(\d{2,5})\b/i.exec(stdout + stderr)?.[1];
  return told === undefined ? false : Number(told);
}

export function judgeTunnels(all: readonly Probed[]): Finding[] {
  return all.flatMap(({ way, mtu, state, carries }): Finding[] => {
    const subject = `server ${way.to}`;
    if (state === 'no-answer') {
      return [{ code: 'tunnel-not-probed', subject, what: 'it gives no answer to ping, small or large' }];
    }
    if (state === 'told') {
      const what = `the path to it carries ${carries} bytes, and ${way.interface} ${mtu}`;
      return [{ code: 'tunnel-narrow', subject, what }];
    }
    if (state === 'whole') return [];
    const what = `packets of ${mtu} bytes to it vanish without a word; ${carries === 0 ? 'small ones' : `those of ${carries}`} arrive`;
    if (carries === 0)
      return [{ code: 'tunnel-hole', subject, what, help: 'look for where the path narrows: tracepath -n' }];
    const via = way.via === undefined ? [] : ['via', way.via];
    const route = command(
      'ip',
      'route',
      'replace',
      way.to,
      ...via,
      'dev',
      way.interface,
      'mtu',
      String(carries),
    );
    return [{ code: 'tunnel-hole', subject, what, mend: [route] }];
  });
}
