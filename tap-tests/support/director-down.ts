import { rmSync } from 'node:fs';
import type { ExecutionContext } from 'ava';
import { KernelHost } from './kernel-host.js';

export const HEAD = 'version: 1\ndirectors: [ { name: midas, address: 192.0.2.1, interface: eth0 } ]\n';
export const WEB =
  '  - { address: 192.0.2.100, port: 80, scheduler: wrr, servers: [ 192.0.2.11, 192.0.2.12 ] }\n';
const WEB6 = '  - { address: "2001:db8::100", port: 80, scheduler: rr, servers: [ "2001:db8::11" ] }\n';
const SHOP =
  '  - { name: shop, fwmark: 7, match: [ { address: 192.0.2.101, port: 443 } ], servers: [ 192.0.2.11 ] }\n';
export const ALL = `${HEAD}gateway: { address: 192.0.3.254/24, interface: eth1 }\nservices:\n${WEB}${WEB6}${SHOP}`;
export const PAIR = `version: 1
directors: [ { name: midas, address: 192.0.2.1, interface: eth0 }, { name: estepe, address: 192.0.2.2, interface: eth0 } ]
failover: { by: BY, links: [ eth1 ] }
services:
${WEB}`;
/** A director that has applied a description, and has none of its table or addresses now: it has booted since. */
export async function booted(t: ExecutionContext, description: string): Promise<KernelHost> {
  const host = new KernelHost(t);
  for (const name of ['ndisc_notify', 'dad_transmits'])
    host.put(`/proc/sys/net/ipv6/conf/eth0/${name}`, '1\n');
  await host.applied(t, description);
  host.kernel.restore(
    host.kernel
      .rules()
      .match(/^-A \S+ \S+( -6)?/gm)!
      .map(line => line.replace('-A', '-D')),
  );
  for (const [name, all] of host.machine.interfaces) host.machine.interfaces.set(name, all.slice(0, 1));
  host.machine.marks = undefined;
  host.machine.daemons = '';
  host.put('/proc/sys/net/ipv4/vs/expire_nodest_conn', '0\n');
  for (const name of ['ndisc_notify', 'dad_transmits'])
    host.put(`/proc/sys/net/ipv6/conf/eth0/${name}`, '1\n');
  rmSync(`${host.root}/sys`, { recursive: true, force: true });
  host.machine.changes.length = 0;
  return host;
}

/** All addresses but the machine's own. */
export function vips(host: KernelHost): string[] {
  return host.machine
    .held()
    .filter(one => !/127\.0\.0\.1|192\.0\.[23]\.1\//.test(one))
    .toSorted();
}
