import type { Counters } from '../table/parse/listing.js';
import { type Column, columns } from './columns.js';

/** The columns of `ipvsadm -L --stats` and `--rate`, by its names (ipvsadm 1.31, print_title). */
const TITLES = {
  stats: ['Conns', 'InPkts', 'OutPkts', 'InBytes', 'OutBytes'],
  rate: ['CPS', 'InPPS', 'OutPPS', 'InBPS', 'OutBPS'],
} as const;

/** A service with its servers, and what the kernel counts of them. */
export interface CountedService {
  readonly key: string;
  /** As it is declared; the key where it is not, or has no name. */
  readonly name: string;
  readonly counters: Counters;
  readonly servers: readonly { readonly name: string; readonly host?: string; readonly counters: Counters }[];
}

/** What services and servers have carried, or carry a second, in exact numbers; a server stands below its service. */
export function countersText(services: readonly CountedService[], which: keyof typeof TITLES): string {
  const titles: Column[] = [
    { title: 'Service → Server' },
    ...TITLES[which].map(title => ({ title, right: true })),
  ];
  const cells = services.flatMap(({ key, name, counters, servers }) => [
    [name === key ? key : `${name} ${key}`, ...numbers(counters)],
    ...servers.map(one => [
      `  → ${one.name}${one.host === undefined ? '' : ` (${one.host})`}`,
      ...numbers(one.counters),
    ]),
  ]);
  return columns(titles, cells)
    .map(line => `${line}\n`)
    .join('');
}

function numbers({ connections, inPackets, outPackets, inBytes, outBytes }: Counters): string[] {
  return [connections, inPackets, outPackets, inBytes, outBytes].map(String);
}
