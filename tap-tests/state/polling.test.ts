import test from 'ava';
import fc from 'fast-check';
import { POLLING } from '../../src/state/paths.js';
import {
  formatMeasured,
  type Measured,
  parseMeasured,
  readMeasured,
  writeMeasured,
} from '../../src/state/polling.js';
import { expect, holds } from '../support/arbitrary.js';
import { FakeFiles } from '../support/fake-files.js';
import { after, OTHER, spoil, textOf, WEB } from './support.js';

const MEASURED: Measured = {
  weights: [
    { ...WEB, weight: 57 },
    { ...OTHER, weight: 0 },
    { service: 'fwmark:7/ipv6', server: '[2001:db8::1]:0', weight: 65_535 },
  ],
  revision: 12,
  host: 'midas',
  at: after(0).at,
};

const TEXT = `# lvsctl weights 1, revision 12 by midas at 2026-11-21T02:00:00.000Z
# SERVICE SERVER WEIGHT. The next poll writes this file anew.
192.168.45.26:80/tcp 192.168.45.13:80 57
192.168.45.26:80/tcp 192.168.45.43:80 0
fwmark:7/ipv6 [2001:db8::1]:0 65535
`;

test('measured weights are one line a server', async t => {
  const files = new FakeFiles();
  await writeMeasured(files, MEASURED);
  t.is(await textOf(files, POLLING), TEXT);
  t.deepEqual(await readMeasured(files), { value: MEASURED });
  t.deepEqual(await readMeasured(new FakeFiles()), { value: undefined, isAbsent: true });
});

test('what is written is what is read', async t => {
  const octet = fc.integer({ min: 1, max: 223 });
  const server = fc.tuple(octet, octet, fc.nat(65_535)).map(([a, b, port]) => `10.0.${a}.${b}:${port}`);
  const weights = fc
    .uniqueArray(server)
    .chain(all =>
      fc.tuple(
        ...all.map(one => fc.nat(65_535).map(weight => ({ service: WEB.service, server: one, weight }))),
      ),
    );
  await holds(t, weights, all => {
    const text = formatMeasured({ ...MEASURED, weights: all });
    expect(formatMeasured(parseMeasured(text)) === text, () => text);
  });
});

test('a file that is none of ours stays, is told of, and nothing counts as measured', async t => {
  const wrong: readonly string[] = [
    '',
    'weights\n',
    TEXT.slice(0, -1),
    TEXT.slice(0, -3),
    TEXT.replace('revision 12', 'revision -1'),
    TEXT.replace('midas', '$(id)'),
    TEXT.replace('02:00:00.000Z', 'today'),
    `${TEXT}192.168.45.26:80/tcp 192.168.45.13:80 58\n`,
    `${TEXT}192.168.45.26:80/tcp 192.168.45.14:80 65536\n`,
    `${TEXT}192.168.45.26:80/tcp 192.168.45.14:80 007\n`,
    `${TEXT}192.168.45.26:80/tcp 192.168.45.14:80 1 1\n`,
    `${TEXT}192.168.45.26:80 192.168.45.14:80 1\n`,
    TEXT.replace('weights 1', 'weights 2'),
  ];
  for (const content of wrong) {
    const files = new FakeFiles();
    await spoil(files, POLLING, content);
    const { value, damage } = await readMeasured(files);
    t.is(value, undefined, content);
    t.regex(damage?.why ?? '', /polling (is damaged|was written by a newer)/);
    t.is(await textOf(files, POLLING), content);
  }
});

test('blank lines, comments and blanks of an administrator are passed over, whatever system they are of', t => {
  t.deepEqual(parseMeasured(`${TEXT}\n# mine\n`), MEASURED);
  t.deepEqual(parseMeasured(TEXT.replaceAll('\n', '\r\n').replace(' 192', ' \t192')), MEASURED);
});

test('a line that is wrong is named by its number', t => {
  t.throws(() => parseMeasured(`${TEXT}x\n`), { message: /line 6 is not SERVICE SERVER WEIGHT/ });
});
