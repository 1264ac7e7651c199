import type { Cluster } from '../../src/cluster/cluster.js';
import type { Host } from '../../src/lab/lab.js';
import { desired } from '../../src/table/desired.js';
import { tableLines } from '../../src/table/format.js';

/** The table that a description wants, as `ipvsadm -Sn` would print it: sorted. */
export function wantedTable(cluster: Cluster): string[] {
  return tableLines(desired(cluster)).map(asPrinted).toSorted();
}

/** What the kernel holds, in the same form. */
export async function kernelTable(director: Host): Promise<string[]> {
  const lines = (await director.sh('ipvsadm -Sn')).split('\n').filter(line => line !== '');
  return lines.map(line => line.trim()).toSorted();
}

/** What is in one list alone: `- line` is wanted and missing, `+ line` is there and not wanted. */
export function differences(wanted: readonly string[], found: readonly string[]): string[] {
  return [
    ...wanted.filter(line => !found.includes(line)).map(line => `- ${line}`),
    ...found.filter(line => !wanted.includes(line)).map(line => `+ ${line}`),
  ];
}

/** What `ipvsadm -Sn` makes of a line: marks as signed numbers, the tunnel at the end and always named, no thresholds. */
function asPrinted(line: string): string {
  const tunnel = / --tun-\S.*?(?= -w )/.exec(line)?.[0] ?? '';
  const printed = line
    .replace(tunnel, '')
    .replaceAll(/ -[xy] \d+/g, '')
    .replace(/ -f (\d+)/, (_, mark: string) => ` -f ${Number(mark) | 0}`);
  return printed.includes(' -i ') ? printed + (tunnel || ' --tun-type ipip') : printed;
}
