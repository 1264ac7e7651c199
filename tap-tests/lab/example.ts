import assert from 'node:assert/strict';
import { entrances } from '../../src/cluster/naming.js';
import type { Service } from '../../src/cluster/service.js';
import { ask, serve } from '../../src/lab/acts.js';
import type { Host, Lab } from '../../src/lab/lab.js';
import { differences, kernelTable, wantedTable } from '../../src/lab/kernel-table.js';

const addressesOf = (host: Host): string[] =>
  host.plan.links.flatMap(link => link.addresses.map(one => one.split('/')[0]!));

/** The hosts that serve a service, by their names. */
function namesOf(lab: Lab, service: Service): string[] {
  const addresses = new Set(service.servers.map(one => one.address));
  const serving = lab.hosts.filter(host => addressesOf(host).some(one => addresses.has(one)));
  return serving.map(one => one.name);
}

/** What a host has to listen on for all its services: VIPs, and the addresses that checks ask. */
export function endpointsOf(lab: Lab, host: Host): string[] {
  const own = addressesOf(host);
  const found = new Set<string>();
  const add = (protocol: string, address: string, port: number): void => {
    if (port > 0) found.add(`${protocol}:${address.includes(':') ? `[${address}]` : address}:${port}`);
  };
  for (const service of lab.cluster.services) {
    for (const server of service.servers.filter(one => own.includes(one.address))) {
      for (const { address, port, protocol } of entrances(service)) {
        if (server.forwarding === 'nat') add(protocol, server.address, server.port);
        else add(protocol, address, port);
      }
      const { type, port = server.port || entrances(service)[0]!.port } = service.check;
      if (['tcp', 'http', 'script'].includes(type)) add('tcp', server.address, port);
    }
  }
  return [...found];
}

/** The real servers run, and stand-ins listen; `taken` are endpoints that something else serves. */
export async function startServers(lab: Lab, taken: readonly string[] = []): Promise<void> {
  await Promise.all(
    lab.role('server').map(async host => {
      await host.sh('/usr/local/sbin/realserver.lvs.dr start');
      await serve(host, ...endpointsOf(lab, host).filter(one => !taken.includes(one)));
    }),
  );
}

/** Every file of this director is taken by its reader, without a word. */
export async function readersAreContent(lab: Lab, director: Host): Promise<void> {
  const { checker, failover } = lab.cluster;
  if (checker === 'keepalived' || failover.by === 'vrrp') {
    const { exitCode, stdout, stderr } = await director.run('keepalived -t');
    assert.deepEqual([exitCode, stdout + stderr], [0, ''], director.name);
  }
  await director.sh('[ ! -e /etc/lvsctl/marks.nft ] || nft -c -f /etc/lvsctl/marks.nft');
  // As at boot: without the modules there are no settings of IPVS.
  await director.sh('grep -v "^#" /etc/modules-load.d/lvsctl.conf | xargs modprobe -a');
  await director.sh('sysctl -p /etc/sysctl.d/60-lvsctl.conf');
}

/** The kernel's table is the described one, at once or after the checker has found all servers alive. */
export async function tableIsDesired(lab: Lab, director: Host, seconds = 60): Promise<void> {
  const wanted = wantedTable(lab.cluster);
  let last: string[] = [];
  const same = async (): Promise<boolean> => {
    last = differences(wanted, await kernelTable(director));
    return last.length === 0;
  };
  try {
    await lab.until('the table', same, seconds);
  } catch (error) {
    assert.deepEqual(last, [], director.name);
    throw error;
  }
}

/** A request to each entrance of each service but SIP's is answered by one of its servers. */
export async function allIsServed(lab: Lab): Promise<void> {
  for (const service of lab.cluster.services) {
    // Without a Call-ID there is no way for such a packet.
    if (service.persistence?.engine === 'sip') continue;
    for (const { address, port, protocol } of entrances(service)) {
      assert.ok(protocol !== 'sctp', service.name);
      const counts = await ask(lab.client, protocol, address, port, 2);
      const names = namesOf(lab, service);
      assert.ok(
        Object.keys(counts).every(one => names.includes(one)),
        `${service.name} ${address} ${port}: ${JSON.stringify(counts)}`,
      );
    }
  }
}
