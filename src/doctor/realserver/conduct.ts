import { readSetting } from '../../director/host/settings.js';
import type { Files } from '../../system/ports.js';

/** How an interface treats IPv4, as net.ipv4.conf says (kernel: ip-sysctl.rst). */
export interface Conduct {
  readonly arp_ignore: number;
  readonly arp_announce: number;
  readonly rp_filter: number;
}

const FOLDER = 'net/ipv4/conf';
const KEYS = ['arp_ignore', 'arp_announce', 'rp_filter'] as const;

/** Of all interfaces, and of `all`. */
export async function readConduct(files: Files): Promise<Map<string, Conduct>> {
  const names = (await files.list(`/proc/sys/${FOLDER}`)).filter(name => name !== 'default');
  const found = await Promise.all(
    names.map(async name => {
      const values = await Promise.all(KEYS.map(key => readSetting(files, `${FOLDER}/${name}/${key}`)));
      // An interface may go meanwhile.
      if (values.includes(undefined)) return undefined;
      const [arp_ignore, arp_announce, rp_filter] = values.map(Number) as [number, number, number];
      return [name, { arp_ignore, arp_announce, rp_filter }] as const;
    }),
  );
  return new Map(found.filter(one => one !== undefined));
}

/** Whether neighbours may ask there: loopback and the devices of tunnels know no ARP, and a dummy has no neighbours. */
export function isOnWire(name: string): boolean {
  return !/^(all|default|lo|dummy\d*|tunl\d*|ip6tnl\d*|sit\d*|gre\d*|ip6gre\d*|wg\d+|tun\d+)$/.test(name);
}

/** The reverse path filter in force: the greater of both. */
export function reversePathFilter(all: ReadonlyMap<string, Conduct>, name: string): number | undefined {
  const own = all.get(name);
  return own && Math.max(own.rp_filter, all.get('all')?.rp_filter ?? 0);
}
