import { familyOf } from '../../cluster/address.js';
import type { Cluster } from '../../cluster/cluster.js';
import type { Match } from '../../cluster/service.js';
import type { FileOutput, Output } from '../output.js';
import { SETTINGS } from '../output.js';
import { PLACES } from '../places.js';
import { align } from '../text.js';
import { oneLine } from './one-line.js';

/** Services by mark, each with the packet filter's rules that give it. */
export function markedServices({ services }: Cluster): { name: string; rules: string[] }[] {
  return services.flatMap(({ name, virtual }) => {
    if (virtual.kind === 'address') return [];
    const rows = virtual.match.map(match => [...matchWords(match), `meta mark set ${virtual.fwmark}`]);
    return [{ name: oneLine(name), rules: align(rows, 1) }];
  });
}

/** The rules that give the marks; undefined where no service has one. */
export function marksOutput(cluster: Cluster): FileOutput | undefined {
  const services = markedServices(cluster);
  if (services.length === 0) return undefined;
  return {
    kind: 'file',
    path: PLACES.marks,
    mode: SETTINGS,
    template: 'director/marks.nft.hbs',
    view: { services },
  };
}

export function marksOutputs(cluster: Cluster): Output[] {
  const marks = marksOutput(cluster);
  if (!marks) return [];
  return [
    marks,
    {
      kind: 'file',
      path: PLACES.marksDropIn,
      mode: SETTINGS,
      template: 'director/nftables.service.conf.hbs',
      view: {},
    },
  ];
}

function matchWords({ address, port, protocol }: Match): string[] {
  const family = familyOf(address) === 'ipv4' ? 'ip' : 'ip6';
  const what = port === 0 ? `meta l4proto ${protocol}` : `${protocol} dport ${port}`;
  return [`${family} daddr ${address}`, what];
}
