import test from 'ava';
import { formatDuration, parseDuration, seconds } from '../../src/cluster/duration.js';
import {
  defaultServiceName,
  fileNames,
  isInterface,
  isName,
  readableEndpoint,
  serviceKey,
} from '../../src/cluster/naming.js';

test('names are letters, digits, _ . - and begin with none of the last two', t => {
  for (const name of ['a', '_', '9', 'web-1.example', 'a'.repeat(63), '__proto__'])
    t.true(isName(name), name);
  for (const name of ['', '.', '..', '-n', 'a b', 'a/b', 'ä', 'a\n', 'a'.repeat(64)])
    t.false(isName(name), name);
  t.true(isInterface('bond0.100'));
  t.false(isInterface('a'.repeat(16)));
});

test('a service without a name is called by what it is reached by', t => {
  const match = [{ address: '192.0.2.1', port: 80, protocol: 'tcp' }] as const;
  const six = { kind: 'address', address: '2001:db8::1', port: 80, protocol: 'tcp' } as const;
  t.is(defaultServiceName({ ...match[0], kind: 'address' }), '192.0.2.1:80/tcp');
  t.is(defaultServiceName(six), '[2001:db8::1]:80/tcp');
  t.is(defaultServiceName({ kind: 'fwmark', fwmark: 7, family: 'ipv4', match }), 'fwmark:7');
  t.is(defaultServiceName({ kind: 'fwmark', fwmark: 7, family: 'ipv6', match }), 'fwmark:7/ipv6');
  t.is(serviceKey({ kind: 'fwmark', fwmark: 7, family: 'ipv4', match }), 'fwmark:7/ipv4');
});

test('an endpoint of every port is the address alone', t => {
  t.is(readableEndpoint('192.0.2.1', 0), '192.0.2.1');
  t.is(readableEndpoint('2001:db8::1', 0), '[2001:db8::1]');
  t.is(readableEndpoint('192.0.2.1', 80), '192.0.2.1:80');
});

test('the later of two texts that would have one file name gets a number', t => {
  const names = fileNames(['a:b', 'a/b', 'a_b', 'a:b', 'a_b_2']);
  t.deepEqual(
    [...names],
    [
      ['a:b', 'a_b'],
      ['a/b', 'a_b_2'],
      ['a_b', 'a_b_3'],
      ['a_b_2', 'a_b_2_2'],
    ],
  );
});

test('durations are whole numbers with a unit', t => {
  const known = { '0s': 0, '200ms': 200, '300s': 300_000, '5m': 300_000, '2h': 7_200_000, '1d': 86_400_000 };
  for (const [text, ms] of Object.entries(known)) t.is(parseDuration(text), ms, text);
  for (const text of ['5', '1.5s', '-1s', '5 s', '1w', '5S', '', 's', '367d', '9'.repeat(30)]) {
    t.is(parseDuration(text), undefined, text);
  }
});

test('durations are written as people write them', t => {
  const known = {
    0: '0s',
    200: '200ms',
    1500: '1500ms',
    1000: '1s',
    90_000: '90s',
    600_000: '600s',
    3_600_000: '60m',
    7_200_000: '2h',
    172_800_000: '2d',
  };
  for (const [ms, text] of Object.entries(known)) t.is(formatDuration(Number(ms)), text);
  t.is(seconds(1500), '1.5');
});
