import { isDeepStrictEqual } from 'node:util';
import test from 'ava';
import fc from 'fast-check';
import type { Cluster } from '../../src/cluster/cluster.js';
import type { Server } from '../../src/cluster/service.js';
import { editDescription, locate } from '../../src/config/edit/description.js';
import type { Edit } from '../../src/config/edit/edit.js';
import {
  type Described,
  keysSet,
  serverAdded,
  serverRemoved,
  serviceAdded,
  serviceRemoved,
} from '../../src/config/edit/wish.js';
import type { Form } from '../../src/config/located.js';
import { portNames } from '../../src/config/port-names.js';
import { formOf, readDescription } from '../../src/config/read.js';
import { writeYaml } from '../../src/config/yaml/write.js';
import type { Diagnostic } from '../../src/diagnostic/diagnostic.js';
import { Source } from '../../src/diagnostic/source.js';
import { classic, classicText, layout, SERVICES } from '../support/arbitrary-classic.js';
import { cluster } from '../support/arbitrary-cluster.js';
import { hostileFile } from '../support/arbitrary-text.js';
import { expect, holds } from '../support/arbitrary.js';

const PORTS = portNames(SERVICES);
/** Addresses that no arbitrary cluster has. */
const NEW_VIP = '198.51.100.100';
const NEW_SERVER = { ipv4: '198.51.100.7', ipv6: '2001:db8:5::7' };

/** Numbers that choose a service, a server, a key. */
const choice = fc.record({
  what: fc.constantFrom('server-added', 'server-removed', 'service-added', 'service-removed', 'key-set'),
  service: fc.nat(),
  server: fc.nat(),
  weight: fc.option(fc.integer({ min: 0, max: 65_535 }), { nil: undefined }),
  keys: fc.array(
    fc.constantFrom<[string[], unknown]>(
      [['scheduler'], 'rr'],
      [['scheduler'], undefined],
      [['persistence'], '77s'],
      [['persistence', 'timeout'], '78s'],
      [['persistence', 'netmask'], 24],
      [['persistence'], undefined],
      [['check', 'interval'], '79s'],
      [['check', 'expect'], '# "a\': b, }] \\'],
      [['check'], undefined],
      [['check'], { type: 'tcp' }],
      [['name'], 'a-new-name'],
      [['name'], undefined],
      [['fallback'], NEW_VIP],
      [['fallback', 'port'], 8081],
      [['law'], undefined],
      [['flags'], ['mh-port']],
    ),
    { minLength: 1, maxLength: 3 },
  ),
});
type Choice = typeof choice extends fc.Arbitrary<infer T> ? T : never;

async function read(text: string, form: Form): Promise<Cluster | undefined> {
  return (await readDescription(Buffer.from(text), 'file', PORTS, form)).cluster;
}

/** The edits, or undefined where the description has nothing of the kind. */
function editsOf(
  described: Described,
  { what, service, server, weight, keys }: Choice,
): readonly Edit[] | undefined {
  const { services } = described.cluster;
  const refused = (edits: readonly Edit[] | Diagnostic): readonly Edit[] | undefined =>
    'severity' in edits ? undefined : edits;
  if (what === 'service-added') {
    const virtual = { kind: 'address', address: NEW_VIP, port: 8080, protocol: 'tcp' } as const;
    const servers = [{ name: NEW_SERVER.ipv4, ...(weight === undefined ? {} : { weight }) }];
    return refused(serviceAdded(described, { name: `${NEW_VIP}:8080/tcp`, virtual, servers }));
  }
  const one = services[service % Math.max(1, services.length)];
  if (!one) return undefined;
  if (what === 'service-removed') return serviceRemoved(described, one);
  if (what === 'key-set')
    return keysSet(
      described,
      one,
      keys.map(([path, value]) => ({ keys: path, value })),
    );
  const address = one.servers.some(other => other.address.includes(':')) ? NEW_SERVER.ipv6 : NEW_SERVER.ipv4;
  if (what === 'server-added')
    return refused(
      serverAdded(described, one, { name: address, ...(weight === undefined ? {} : { weight }) }),
    );
  const gone = one.servers[server % Math.max(1, one.servers.length)];
  return gone && serverRemoved(described, one, gone);
}

/** What the edit makes of the cluster, written once more in its own way; undefined where the text says what. */
function modelOf(before: Cluster, one: Choice): Cluster | undefined {
  const { services } = before;
  const index = one.service % Math.max(1, services.length);
  const service = services[index];
  if (one.what === 'service-removed') return { ...before, services: services.toSpliced(index, 1) };
  if (!service || (one.what !== 'server-added' && one.what !== 'server-removed')) return undefined;
  const { servers, virtual, forwarding } = service;
  if (one.what === 'server-removed') {
    const left = servers.toSpliced(one.server % servers.length, 1);
    return { ...before, services: services.with(index, { ...service, servers: left }) };
  }
  const added: Server = {
    address: servers.some(other => other.address.includes(':')) ? NEW_SERVER.ipv6 : NEW_SERVER.ipv4,
    port: virtual.kind === 'address' ? virtual.port : 0,
    weight: one.weight ?? 1,
    forwarding,
    ...(forwarding === 'tunnel' ? { tunnel: { type: 'ipip' as const, checksum: false } } : {}),
    upper: 0,
    lower: 0,
  };
  return { ...before, services: services.with(index, { ...service, servers: [...servers, added] }) };
}

/** The edited text, after all that must hold of it. */
async function edited(text: string, form: Form, one: Choice): Promise<string | Diagnostic | undefined> {
  const before = await read(text, form);
  if (!before) return undefined;
  const source = new Source('file', text);
  const located = (await locate(source, form))!;
  const edits = editsOf({ located, cluster: before }, one);
  if (!edits) return undefined;
  const after = await editDescription(source, form, edits);
  if (typeof after !== 'string') return after;
  const what = (): string => `${JSON.stringify(one)}\n${text}\n----\n${after}`;
  const model = modelOf(before, one);
  const found = await read(after, form);
  if (model && found) expect(isDeepStrictEqual(found, model), what);
  const lost = missing(text.split(/\r?\n/), after.split(/\r?\n/));
  // What goes may stand on many lines, with comments between; what is added touches at most the line before.
  const isAdded = one.what === 'server-added' || one.what === 'service-added';
  if (isAdded || (one.what === 'server-removed' && form === 'classic')) expect(lost.length <= 1, what);
  if (isAdded) expect(!lost.some(line => /^\s*#/.test(line)), what);
  return after;
}

/** The lines of one text that the other does not have in that order. */
function missing(lines: readonly string[], others: readonly string[]): string[] {
  const start = lines.findIndex((line, index) => line !== others[index]);
  if (start === -1) return [];
  let end = 0;
  while (
    end < lines.length - start &&
    end < others.length - start &&
    lines.at(-1 - end) === others.at(-1 - end)
  )
    end++;
  const left = new Map<string, number>();
  for (const line of others.slice(start, others.length - end)) left.set(line, (left.get(line) ?? 0) + 1);
  return lines.slice(start, lines.length - end).filter(line => {
    const count = left.get(line) ?? 0;
    left.set(line, count - 1);
    return count < 1;
  });
}

/** Comments on lines of their own and behind others, blank lines and line ends, as long as the cluster stays the same. */
async function decorated(one: Cluster, how: readonly number[]): Promise<string> {
  const plain = writeYaml(one);
  const newline = how[0]! % 3 === 0 ? '\r\n' : '\n';
  const ends = ['', '', ' # behind: { [ "', '   #'];
  const between = ['', '', '', `  # on: its - own${newline}`, newline, `# "'${newline}`];
  const lines = plain.split('\n').slice(0, -1);
  const text = lines
    .map((line, index) => {
      const number = how[index % how.length]!;
      return line + ends[number % ends.length]! + newline + between[(number >> 2) % between.length]!;
    })
    .join('');
  const whole = how[0]! % 5 === 0 ? text.trimEnd() : text;
  return isDeepStrictEqual(await read(whole, 'yaml'), one) ? whole : plain;
}

const EDITED = new Map<string, number>();

test('every edit of a description that lvsctl writes says what was meant and leaves the rest', async t => {
  await holds(
    t,
    fc.tuple(cluster, layout, choice),
    async ([one, how, edit]) => {
      const text = await decorated(one, how);
      const after = await edited(text, 'yaml', edit);
      expect(after === undefined || typeof after === 'string', () => `${JSON.stringify(after)}\n${text}`);
      if (after !== undefined && after !== text) EDITED.set(edit.what, (EDITED.get(edit.what) ?? 0) + 1);
    },
    250,
  );
  t.is(EDITED.size, 5, [...EDITED].join(' '));
  t.true(
    [...EDITED.values()].every(count => count > 20),
    [...EDITED].join(' '),
  );
});

test('a server that is added and removed leaves the cluster as it was', async t => {
  await holds(
    t,
    fc.tuple(cluster, layout, choice),
    async ([one, how, edit]) => {
      const text = await decorated(one, how);
      const after = await edited(text, 'yaml', { ...edit, what: 'server-added' });
      if (typeof after !== 'string') return;
      const grown = await read(after, 'yaml');
      const index = edit.service % Math.max(1, one.services.length);
      if (!grown) return;
      const last = grown.services[index]!.servers.length - 1;
      const back = await edited(after, 'yaml', { ...edit, what: 'server-removed', server: last });
      expect(typeof back === 'string', () => `${JSON.stringify(back)}\n${after}`);
      const again = await read(back, 'yaml');
      expect(isDeepStrictEqual(again, one), () => `${text}\n----\n${back}`);
    },
    80,
  );
});

test('every edit of a classic text says what was meant, or that the form cannot say it', async t => {
  const refusals = new Set<string>();
  await holds(
    t,
    fc.tuple(classic, layout, choice),
    async ([what, how, edit]) => {
      const text = classicText(what, how);
      const after = await edited(text, 'classic', edit);
      if (typeof after !== 'string') return void (after && refusals.add(after.code));
      // Comments have braces in them, too: what is read again is what counts, and `edited` has read it.
      expect(after.includes('\r') === text.includes('\r') || !text.includes('\n'), () => after);
    },
    150,
  );
  t.deepEqual([...refusals], ['beyond-classic']);
});

test('no text makes an edit throw, or say something else', async t => {
  let count = 0;
  await holds(
    t,
    fc.tuple(hostileFile, choice),
    async ([{ bytes, name }, edit]) => {
      const text = new TextDecoder().decode(bytes);
      const after = await edited(text, formOf(name, text), edit);
      if (typeof after === 'string' && after !== text) count++;
    },
    800,
  );
  t.true(count > 30, `${count} texts were edited`);
});
