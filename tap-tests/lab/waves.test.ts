import fc from 'fast-check';
import { SEED } from '../support/arbitrary.js';
import test from 'ava';
import { withCheckDefaults } from '../../src/cluster/defaults.js';
import { serversByHost } from '../../src/lab/endpoints.js';
import { checkedServices, noticeTime, wavesOf } from '../../src/lab/drills/waves.js';
import { topologyOf } from '../../src/lab/topology.js';
import { cluster, service } from '../support/clusters.js';

const address = (index: number): string => `192.168.45.${index + 30}`;

test('of 24 servers of one service twelve fail at once', t => {
  const all = cluster({
    services: [
      service(
        '192.168.45.26:80',
        Array.from({ length: 24 }, (_, n) => address(n)),
      ),
    ],
  });
  const hosts = topologyOf(all);
  const names = [...checkedServices(all, hosts).keys()];
  t.deepEqual(
    wavesOf(all, hosts, names).map(wave => wave.length),
    [12, 12],
  );
});

test('every server is in one wave, and some of each service of two or more are left', t => {
  const memberships = fc.array(fc.uniqueArray(fc.nat({ max: 11 }), { minLength: 1, maxLength: 8 }), {
    minLength: 1,
    maxLength: 5,
  });
  fc.assert(
    fc.property(memberships, lists => {
      const services = lists.map((list, index) => service(`192.168.45.26:${80 + index}`, list.map(address)));
      const all = cluster({ services });
      const hosts = topologyOf(all);
      const names = [...checkedServices(all, hosts).keys()];
      const waves = wavesOf(all, hosts, names);
      t.deepEqual(waves.flat().toSorted(), names.toSorted());
      for (const one of services) {
        const members = [...serversByHost(all, one, hosts).keys()];
        for (const wave of waves) {
          const dead = members.filter(name => wave.includes(name)).length;
          t.true(members.length < 2 ? dead <= 1 : dead <= members.length / 2);
        }
      }
    }),
    { numRuns: 50, seed: SEED },
  );
});

test('what nobody checks is in no wave, and slow checks are waited for', t => {
  const unchecked = cluster({
    services: [
      service('192.168.45.26:80', ['192.168.45.13'], { check: withCheckDefaults({ type: 'none' }) }),
    ],
  });
  t.is(checkedServices(unchecked, topologyOf(unchecked)).size, 0);
  const check = { ...withCheckDefaults({ type: 'tcp' }), interval: 10_000, timeout: 2000, retries: 3 };
  t.is(noticeTime(service('192.168.45.26:80', [], { check })), 90_000);
});
