import test from 'ava';
import type { Cluster } from '../../src/cluster/cluster.js';
import { isMovable } from '../../src/cluster/law.js';
import { explain, type ServerView, type ServiceView } from '../../src/table/explain.js';
import { desired } from '../../src/table/desired.js';
import { place } from '../../src/table/overlay.js';
import { clusterWithOverlay } from '../support/arbitrary-overlay.js';
import { expect, holds } from '../support/arbitrary.js';

const RUNS = 400;
const show = (view: unknown) => (): string => JSON.stringify(view, null, 1);

/** The weight that a server would have if nothing were known of its health and no one had drained it. */
function ownWeight({ remark, server }: ServerView, scale: number | undefined): number {
  const measured = server.weight === 0 || scale === undefined ? undefined : remark.measured;
  const described = server.weight === 0 ? 0 : clamped(Math.round(server.weight * (scale ?? 1)));
  const weight = remark.weight?.value ?? measured ?? described;
  return remark.slowStart && weight > 0 ? Math.max(1, Math.round(weight * remark.slowStart.share)) : weight;
}

function clamped(weight: number): number {
  return Math.max(1, Math.min(65_535, weight));
}

function isAble(view: ServerView, scale: number | undefined): boolean {
  return !view.remark.drained && ownWeight(view, scale) > 0;
}

/** What the measured weights are of the configured ones; undefined where what is measured does not count. */
function scaleOf({ polling }: Cluster): (view: ServiceView) => number | undefined {
  return ({ service, servers }) => {
    if (polling === undefined || !isMovable(service, polling)) return undefined;
    const known = servers.filter(({ remark, server }) => (remark.measured ?? 0) > 0 && server.weight > 0);
    const sum = (what: (one: ServerView) => number): number => known.reduce((all, one) => all + what(one), 0);
    return known.length === 0 ? 1 : sum(one => one.remark.measured!) / sum(one => one.server.weight);
  };
}

function minimum({ service }: ServiceView): number {
  return service.minimumServers ?? (service.fallback ? 0 : 1);
}

test('a drained server is in the table with weight 0, whatever else is known of it', async t => {
  await holds(
    t,
    clusterWithOverlay,
    ([cluster, overlay]) => {
      for (const view of explain(cluster, overlay).flatMap(one => one.servers)) {
        if (view.remark.drained) expect(view.entry?.weight === 0 && view.cause === 'drained', show(view));
      }
    },
    RUNS,
  );
});

test('a dead server is out, or at 0, unless it is kept; an alive one has the weight of its first source', async t => {
  await holds(
    t,
    clusterWithOverlay,
    ([cluster, overlay]) => {
      const scale = scaleOf(cluster);
      for (const whole of explain(cluster, overlay)) {
        const { service, servers } = whole;
        for (const view of servers) {
          const { remark, kept, entry, cause } = view;
          if (remark.drained) continue;
          const dead = cluster.checker !== 'keepalived' && remark.dead !== undefined;
          expect(!kept || dead, show(view));
          if (dead && !kept) {
            expect(cause === 'dead', show(view));
            expect(entry?.weight === (service.onFailure === 'quiesce' ? 0 : undefined), show(view));
          } else expect(entry?.weight === ownWeight(view, scale(whole)) && cause !== 'dead', show(view));
        }
      }
    },
    RUNS,
  );
});

test('dead servers are kept only while too few others take connections, and those that died last', async t => {
  await holds(
    t,
    clusterWithOverlay,
    ([cluster, overlay]) => {
      for (const view of explain(cluster, overlay)) {
        const able = view.servers.filter(one => isAble(one, scaleOf(cluster)(view)));
        const gone = able.filter(one => one.cause === 'dead');
        const kept = able.filter(one => one.kept);
        const there = able.length - gone.length;
        expect(view.servers.filter(one => one.kept).length === kept.length, show(view));
        expect(gone.length === 0 || there >= minimum(view), show(view));
        expect(kept.length === 0 || there <= minimum(view), show(view));
        for (const one of kept) {
          for (const other of gone) expect(one.remark.dead!.since >= other.remark.dead!.since, show(view));
        }
      }
    },
    RUNS,
  );
});

test('the fallback is in the table exactly where no server takes connections', async t => {
  await holds(
    t,
    clusterWithOverlay,
    ([cluster, overlay]) => {
      const { services } = desired(cluster, overlay);
      for (const [index, { service, fallback }] of explain(cluster, overlay).entries()) {
        const entries = services[index]!.servers;
        const own = fallback ? entries.slice(0, -1) : entries;
        const serves = own.some(one => one.weight > 0);
        expect((fallback !== undefined) === (service.fallback !== undefined && !serves), show(service));
        expect(!fallback || entries.at(-1)!.address === service.fallback!.address, show(entries));
      }
    },
    RUNS,
  );
});

test('weights and servers are all that an overlay changes', async t => {
  await holds(
    t,
    clusterWithOverlay,
    ([cluster, overlay]) => {
      const plain = desired(cluster);
      const changed = desired(cluster, overlay);
      const bare = ({ services, timeouts }: typeof plain): string =>
        JSON.stringify([timeouts, services.map(({ servers: _servers, ...rest }) => rest)]);
      expect(bare(plain) === bare(changed), () => bare(changed));
      for (const [index, { servers }] of changed.services.entries()) {
        const own = plain.services[index]!.servers;
        const fallback = cluster.services[index]!.fallback?.address;
        for (const { weight: _weight, ...entry } of servers) {
          const known = own.some(({ weight: _own, ...one }) => JSON.stringify(one) === JSON.stringify(entry));
          expect(known || entry.address === fallback, show(entry));
        }
      }
    },
    RUNS,
  );
});

test('what is known of a server outlives a new name of its service, and is nothing to others', async t => {
  await holds(t, clusterWithOverlay, ([cluster, overlay]) => {
    const services = cluster.services.map((one, index) => ({ ...one, name: `renamed-${index}` }));
    const renamed = desired({ ...cluster, services }, overlay);
    const same = desired(cluster, overlay);
    expect(JSON.stringify(renamed) === JSON.stringify(same), show(renamed));
    const elsewhere = new Map(
      [...overlay.values()].map((one, n) => [place({ service: 'x', server: `${n}` }), one]),
    );
    expect(JSON.stringify(desired(cluster, elsewhere)) === JSON.stringify(desired(cluster)), show(cluster));
  });
});
