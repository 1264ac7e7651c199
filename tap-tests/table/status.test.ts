import test from 'ava';
import fc from 'fast-check';
import type { Cluster } from '../../src/cluster/cluster.js';
import { endpoint } from '../../src/cluster/address.js';
import { serviceKey } from '../../src/cluster/naming.js';
import { desired } from '../../src/table/desired.js';
import type { Counters } from '../../src/table/parse/listing.js';
import { planTable } from '../../src/table/plan.js';
import { ratesBetween } from '../../src/table/rates.js';
import { type Known, type TableStatus, tableStatus } from '../../src/table/status.js';
import type { Overlay } from '../../src/table/overlay.js';
import type { Table } from '../../src/table/table.js';
import { clusterWithOverlay } from '../support/arbitrary-overlay.js';
import { cluster, service } from '../support/clusters.js';
import { relatives, wantedTable } from '../support/tables.js';

/** Every server of a table with its service, in no order. */
function serversOf({ services }: Pick<Table, 'services'>): string[] {
  return services
    .flatMap(({ key, servers }) =>
      servers.map(one => `${serviceKey(key)} ${endpoint(one.address, one.port)} ${one.weight}`),
    )
    .toSorted();
}

function shownOf({ services }: TableStatus): string[] {
  return services
    .flatMap(({ key, servers }) =>
      servers.flatMap(({ name, live }) => (live ? [`${key} ${name} ${live.weight}`] : [])),
    )
    .toSorted();
}

function known(one: Cluster, overlay: Overlay): Known {
  return { cluster: one, overlay, wanted: desired(one, overlay), owned: () => false };
}

test('of a table as it should be nothing differs, and each server is there once, with what decided its weight', t => {
  fc.assert(
    fc.property(clusterWithOverlay, ([own, overlay]) => {
      const table = desired(own, overlay);
      const status = tableStatus({ ...table, activity: new Map() }, known(own, overlay));
      t.deepEqual(status.drift, []);
      t.deepEqual(shownOf(status), serversOf(table));
      t.true(status.services.every(({ ours, there }) => ours && there));
      const kinds = new Set(status.services.flatMap(({ servers }) => servers.map(({ kind }) => kind)));
      t.false(kinds.has('undeclared') || kinds.has('foreign'));
    }),
  );
});

test('of any table each server is shown once, and each step of the plan once, at what it is about', t => {
  const both = fc.tuple(
    clusterWithOverlay,
    fc.oneof(
      wantedTable,
      relatives.map(([, other]) => other),
    ),
  );
  fc.assert(
    fc.property(both, fc.boolean(), ([[own, overlay], other], isMixed) => {
      const wanted = desired(own, overlay);
      // Some services as they should be, all else anything.
      const keys = new Set(other.services.map(({ key }) => serviceKey(key)));
      const mine = wanted.services.filter(({ key }) => !keys.has(serviceKey(key)));
      const live: Table = isMixed ? { ...other, services: [...other.services, ...mine] } : other;
      const status = tableStatus({ ...live, activity: new Map() }, known(own, overlay));
      t.deepEqual(shownOf(status), serversOf(live));
      const steps = planTable(live, wanted).steps.map(({ line }) => line);
      t.deepEqual(
        status.drift.map(({ line }) => line),
        steps,
      );
      const placed = status.services.flatMap(({ drift, servers }) => [
        ...drift,
        ...servers.flatMap(one => one.drift),
      ]);
      t.deepEqual(
        placed.map(({ line }) => line).toSorted(),
        steps.filter(line => !line.startsWith('--set')).toSorted(),
      );
    }),
  );
});

test('under a mark a server that is there with two ports is one of ours, and one too many', t => {
  const mark = service('192.0.2.1:80', ['192.0.2.11'], {
    name: 'mark',
    virtual: { kind: 'fwmark', fwmark: 7, family: 'ipv4', match: [] },
  });
  const one = cluster({ services: [mark] });
  const [wanted] = desired(one).services;
  const [server] = wanted!.servers;
  const live = {
    ...wanted!,
    servers: [
      { ...server!, port: 81 },
      { ...server!, port: 82, weight: 5 },
    ],
  };
  const { services } = tableStatus({ services: [live], activity: new Map() }, known(one, new Map()));
  t.deepEqual(
    services[0]!.servers.map(({ kind, name, drift }) => [kind, name, drift.map(({ line }) => line)]),
    [
      ['server', '192.0.2.11:81', []],
      ['undeclared', '192.0.2.11:82', ['-d -f 7 -r 192.0.2.11:82']],
    ],
  );
});

test('without anything that runs all of it is foreign', t => {
  fc.assert(
    fc.property(wantedTable, table => {
      const status = tableStatus({ ...table, activity: new Map() }, undefined);
      t.deepEqual(shownOf(status), serversOf(table));
      t.true(status.services.every(({ ours }) => !ours));
      t.deepEqual(status.drift, []);
    }),
  );
});

function counters(value: number): Counters {
  return { connections: value, inPackets: value, outPackets: value, inBytes: value, outBytes: value };
}

test('rates: what was gained, by the seconds; set to zero meanwhile it began anew; what is new has none', t => {
  const before = { services: new Map([['a', counters(10)]]), servers: new Map([['a b', counters(1000)]]) };
  const after = {
    services: new Map([
      ['a', counters(30)],
      ['c', counters(5)],
    ]),
    servers: new Map([['a b', counters(4)]]),
  };
  const { services, servers } = ratesBetween(before, after, 4);
  t.deepEqual([...services], [['a', counters(5)]]);
  t.deepEqual([...servers], [['a b', counters(1)]]);
});
