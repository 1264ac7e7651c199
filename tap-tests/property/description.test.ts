import { isDeepStrictEqual } from 'node:util';
import test from 'ava';
import fc from 'fast-check';
import type { Cluster } from '../../src/cluster/cluster.js';
import { portNames } from '../../src/config/port-names.js';
import { readDescription } from '../../src/config/read.js';
import { writeYaml } from '../../src/config/yaml/write.js';
import { diagnosticText } from '../../src/view/diagnostics.js';
import { createStyle } from '../../src/view/style.js';
import { classic, classicText, layout, SERVICES } from '../support/arbitrary-classic.js';
import { cluster } from '../support/arbitrary-cluster.js';
import { expect, holds } from '../support/arbitrary.js';
import { permuted, shuffled, withShuffledKeys } from './shuffle.js';

const PORTS = portNames(SERVICES);

async function read(text: string, name: string): Promise<Cluster> {
  const reading = await readDescription(Buffer.from(text), name, PORTS);
  const style = createStyle(false);
  expect(reading.cluster !== undefined, () =>
    [...reading.diagnostics.map(one => diagnosticText(one, style)), text].join('\n'),
  );
  return reading.cluster;
}

function same(found: unknown, wanted: unknown, text: string): void {
  const shown = (value: unknown): string => JSON.stringify(value, null, 1);
  expect(isDeepStrictEqual(found, wanted), () => `${text}\n${shown(found)}\nis not\n${shown(wanted)}`);
}

test('a cluster that is written as YAML is read as the same cluster, and written the same again', async t => {
  await holds(
    t,
    cluster,
    async one => {
      const text = writeYaml(one);
      const again = await read(text, 'lvs.yaml');
      same(again, one, text);
      same(writeYaml(again), text, text);
    },
    400,
  );
});

test('a text in the classic form is the same cluster after its import into YAML', async t => {
  await holds(
    t,
    fc.tuple(classic, layout),
    async ([what, how]) => {
      if (what.hosts.every(host => host.services.length === 0)) return;
      const text = classicText(what, how);
      const one = await read(text, 'lvs.conf');
      const yaml = writeYaml(one, 'Imported by lvsctl from lvs.conf');
      same(await read(yaml, 'lvs.yaml'), one, `${text}\n${yaml}`);
    },
    300,
  );
});

test('blanks, comments, line ends and the places of braces change nothing in the classic form', async t => {
  await holds(
    t,
    fc.tuple(classic, layout, layout),
    async ([what, how, otherwise]) => {
      if (what.hosts.every(host => host.services.length === 0)) return;
      const texts = [classicText(what, how), classicText(what, otherwise)] as const;
      same(await read(texts[0], 'lvs.conf'), await read(texts[1], 'lvs.conf'), texts.join('\n----\n'));
    },
    300,
  );
});

test("the order of a classic text's keys changes nothing but the order of the directors", async t => {
  await holds(t, fc.tuple(classic, layout), async ([what, order]) => {
    const { keys, hosts } = what;
    if (hosts.every(host => host.services.length === 0)) return;
    const directors = keys.filter(([key]) => key === 'director');
    const others = shuffled(
      keys.filter(([key]) => key !== 'director'),
      order,
    );
    const again = { keys: [...others, ...directors], hosts };
    same(await read(classicText(again, [0]), 'lvs.conf'), await read(classicText(what, [0]), 'lvs.conf'), '');
  });
});

test('the order of keys in YAML changes nothing', async t => {
  await holds(
    t,
    fc.tuple(cluster, layout),
    async ([one, order]) => {
      const text = withShuffledKeys(writeYaml(one), order);
      const { hosts, ...rest } = await read(text, 'lvs.yaml');
      const { hosts: wantedHosts, ...wanted } = one;
      same(rest, wanted, text);
      const byName = (a: { name: string }, b: { name: string }): number => (a.name < b.name ? -1 : 1);
      same(hosts.toSorted(byName), wantedHosts.toSorted(byName), text);
    },
    200,
  );
});

test('the order of services changes the order of the services, nothing else', async t => {
  await holds(
    t,
    fc.tuple(cluster, layout),
    async ([one, order]) => {
      const again = { ...one, services: shuffled(one.services, order) };
      const text = permuted(writeYaml(one), 'services', order);
      same(await read(text, 'lvs.yaml'), again, text);
    },
    200,
  );
});
