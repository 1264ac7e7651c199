import type { Cluster } from '../../cluster/cluster.js';
import { desired } from '../../table/desired.js';
import { tableLines, timeoutsLine } from '../../table/format.js';
import { oneLine } from './one-line.js';

/**
 * The desired table as lines for `ipvsadm -R`, the timeouts last. A comment stands over each service: it begins in
 * the first column, for readers that strip it, since ipvsadm itself refuses comments and blank lines.
 */
export function tableText(cluster: Cluster): string {
  const table = desired(cluster);
  const lines = table.services.flatMap((service, index) => [
    `# ${oneLine(cluster.services[index]!.name)}`,
    ...tableLines({ ...table, services: [service] }),
  ]);
  return [
    ...lines,
    '# How long idle connections are kept: TCP, TCP after FIN, UDP.',
    timeoutsLine(table),
  ].join('\n');
}
