import type { Cluster } from '../cluster/cluster.js';
import { desired } from '../table/desired.js';
import { tableLines } from '../table/format.js';
import type { Host } from './lab.js';

/** The table that a description wants, as `ipvsadm -Sn` would print it: sorted. */
export function wantedTable(cluster: Cluster): string[] {
  const table = desired(cluster);
  // keepalived cannot hold a service without servers.
  const held = table.services.filter(one => cluster.checker !== 'keepalived' || one.servers.length > 0);
  return tableLines({ ...table, services: held })
    .map(asPrinted)
    .toSorted();
}

/** What the kernel holds, in the same form. */
export async function kernelTable(director: Host): Promise<string[]> {
  const lines = (await director.sh('ipvsadm -Sn')).split('\n').filter(line => line !== '');
  return lines.map(line => line.trim()).toSorted();
}

/** What a director's table lacks or has too much. */
export async function tableDifferences(cluster: Cluster, director: Host): Promise<string[]> {
  return differences(wantedTable(cluster), await kernelTable(director));
}

/** What is in one list alone: `- line` is wanted and missing, `+ line` is there and not wanted. */
export function differences(wanted: readonly string[], found: readonly string[]): string[] {
  return [
    ...wanted.filter(line => !found.includes(line)).map(line => `- ${line}`),
    ...found.filter(line => !wanted.includes(line)).map(line => `+ ${line}`),
  ];
}

/** What `ipvsadm -Sn` makes of a line: marks as signed numbers, the tunnel at the end and always named, no thresholds. */
export function asPrinted(line: string): string {
  const tunnel = / --tun-\S.*?(?= -w )/.exec(line)?.[0] ?? '';
  const printed = line
    .replace(tunnel, '')
    .replaceAll(/ -[xy] \d+/g, '')
    .replace(/ -f (\d+)/, (_, mark: string) => ` -f ${Number(mark) | 0}`);
  return printed.includes(' -i ') ? printed + (tunnel || ' --tun-type ipip') : printed;
}
