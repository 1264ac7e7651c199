import fc from 'fast-check';
import { FLAGS, SCHEDULERS } from '../../src/cluster/scheduler.js';
import { desired } from '../../src/table/desired.js';
import { difference } from '../../src/table/diff.js';
import type { Table, TableService } from '../../src/table/table.js';
import { cluster } from './arbitrary-cluster.js';

/** Tables as descriptions want them. */
export const wantedTable: fc.Arbitrary<Table> = cluster.map(one => desired(one));

const mark = fc.constantFrom('', 'edit', 'drop', 'servers', 'reverse', 'flip');

/** Two tables that have much in common, so that going from one to the other is mostly edits. */
export const relatives: fc.Arbitrary<readonly [Table, Table]> = wantedTable.chain(table =>
  fc.tuple(
    fc.constant(table),
    fc
      .tuple(wantedTable, fc.array(mark, { minLength: 20, maxLength: 20 }))
      .map(([other, marks]) => mixed(table, other, marks)),
  ),
);

function mixed(table: Table, other: Table, marks: readonly string[]): Table {
  const changed = table.services.flatMap((service, index) => changedService(service, marks[index % 20]!));
  // A service may not be there twice.
  const { foreign } = difference(other, { ...table, services: table.services });
  return { timeouts: other.timeouts, services: [...changed, ...foreign] };
}

function changedService(service: TableService, how: string): TableService[] {
  const { key, servers } = service;
  const names = Object.keys(SCHEDULERS);
  switch (how) {
    case 'drop':
      return [];
    case 'edit': {
      const scheduler = names[(names.indexOf(service.scheduler) + 5) % names.length]!;
      const flags = Object.entries(FLAGS)
        .filter(([, of]) => of === scheduler)
        .map(([flag]) => flag);
      return [{ ...service, scheduler, flags, persistence: { timeout: 60_000, netmask: 24 } }];
    }
    case 'servers':
      return [{ ...service, servers: servers.slice(1) }];
    case 'reverse':
      return [{ ...service, servers: servers.toReversed() }];
    case 'flip':
      return [
        {
          ...service,
          servers: servers.map(({ tunnel, ...server }, index) => ({
            ...server,
            ...(tunnel ? { tunnel } : {}),
            weight: (server.weight + 1 + index) % 65_536,
            upper: index * 10,
            lower: index,
            // Only what keeps its port and its family can go another way.
            ...(key.kind === 'address' && server.port === key.port && server.forwarding === 'nat'
              ? { forwarding: 'direct' as const }
              : {}),
          })),
        },
      ];
    default:
      return [service];
  }
}
