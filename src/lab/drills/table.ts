import type { Cluster } from '../../cluster/cluster.js';
import { shellQuote } from '../../render/shell-quote.js';
import { counted } from '../counted.js';
import { kernelTable, tableDifferences } from '../kernel-table.js';
import type { LabHost } from '../topology.js';
import { type Drill, failed, passed } from './drill.js';

/** What the kernel holds, and what keepalived says of its file, on each director. */
export function tableDrills(cluster: Cluster, hosts: readonly LabHost[]): Drill[] {
  const directors = hosts.filter(one => one.role === 'director').map(one => one.name);
  const usesKeepalived = cluster.checker === 'keepalived' || cluster.failover.by === 'vrrp';
  return [...directors.map(tableDrill), ...(usesKeepalived ? directors.map(configurationDrill) : [])];
}

function tableDrill(director: string): Drill {
  return {
    id: 'table',
    title: "the kernel's table is as described",
    subject: director,
    async run(lab) {
      const host = lab.host(director);
      const differences = await tableDifferences(lab.cluster, host);
      if (differences.length > 0) return failed(`wanted (-) and found (+): ${differences.join(' · ')}`);
      const lines = await kernelTable(host);
      const services = lines.filter(line => line.startsWith('-A')).length;
      const servers = lines.length - services;
      return passed(`${counted(services, 'service')}, ${counted(servers, 'server')}`, { services, servers });
    },
  };
}

function configurationDrill(director: string): Drill {
  return {
    id: 'keepalived-config',
    title: 'keepalived -t has nothing to say about its file',
    subject: director,
    async run(lab) {
      const { config } = lab.cluster.keepalived;
      const file = shellQuote(config);
      const host = lab.host(director);
      // It is content with a file that is not there.
      if ((await host.run(`[ -s ${file} ]`)).exitCode !== 0) return failed(`${config} is not there`);
      const { exitCode, stdout, stderr } = await host.run(`keepalived -t -f ${file}`);
      if (exitCode === 0) return passed(config);
      return failed(`it ended with ${exitCode ?? 'a signal'}: ${`${stdout}${stderr}`.trim()}`);
    },
  };
}
