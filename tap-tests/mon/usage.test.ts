import test from 'ava';
import { monitor } from './monitor.js';

test('--help ends with 0 and tells every type', async t => {
  const { code, hosts, details } = await monitor(['--help']);
  t.is(code, 0);
  t.is(hosts[0], 'usage:');
  for (const type of ['http', 'smtp', 'dns', 'script']) t.true(details.includes(`--type ${type}`), type);
});

const wrong: [title: string, words: string[], hosts: string[], complaint: RegExp][] = [
  ['no type', ['192.0.2.1'], ['192.0.2.1'], /^--type must be one of dns http https script smtp tcp/],
  ['an unknown type', ['--type', 'ftp', '192.0.2.1'], ['192.0.2.1'], /^--type must be/],
  ['an unknown option', ['--type', 'tcp', '--prot', '80', '::1'], ['::1'], /^Unknown option: prot\n/],
  ['no port', ['--type', 'tcp', '192.0.2.1'], ['192.0.2.1'], /^--port must be from 1 to 65535/],
  ['port 0', ['--type', 'tcp', '--port', '0', '192.0.2.1'], ['192.0.2.1'], /^--port must be/],
  ['time-out 0', ['--type', 'tcp', '--port', '1', '--timeout', '0', '::1'], ['::1'], /^--timeout must be/],
  [
    'a time-out with a unit',
    ['--type', 'tcp', '--port', '1', '--timeout', '1s', '::1'],
    ['::1'],
    /^--timeout/,
  ],
  ['a bad status', ['--type', 'http', '--port', '1', '--status', '2xx', '::1'], ['::1'], /^--status must be/],
  [
    'a foreign option',
    ['--type', 'tcp', '--port', '1', '--path', '/', '::1'],
    ['::1'],
    /^--path does not go/,
  ],
  ['no address', ['--type', 'tcp', '--port', '80'], [], /^no address/],
  ['a name', ['--type', 'tcp', '--port', '80', 'web1', '::1'], ['::1'], /^'web1' is not an address/],
  ['no program', ['--type', 'script', '--address', '::1'], ['::1'], /^--address and a program are needed/],
  ['no --address', ['--type', 'script', '--', '/bin/true'], [], /'\/bin\/true' is not an address/],
];

for (const [title, words, known, complaint] of wrong) {
  test(`${title} is wrong use: exit 2, the known hosts first, then what is wrong`, async t => {
    const { code, hosts, details } = await monitor(words);
    t.is(code, 2);
    t.deepEqual(hosts, known);
    t.regex(details, complaint);
    t.true(details.endsWith('lvs.monitor --help says more\n'));
  });
}
