import test from 'ava';
import fc from 'fast-check';
import { SEED } from '../support/arbitrary.js';
import { judgeBeside } from '../../src/doctor/director/beside.js';
import { judgeDaemons } from '../../src/doctor/director/daemons.js';
import { judgeFirewall } from '../../src/doctor/director/firewall.js';
import { parseRoutes } from '../../src/doctor/director/routes.js';
import { judgeDisk, judgeFolder } from '../../src/doctor/director/state.js';
import { hasSleeper } from '../../src/doctor/director/timer.js';
import { judgeUnits } from '../../src/doctor/director/units.js';
import { cluster, service } from '../support/clusters.js';

const PAIR = cluster({ checker: 'mon', services: [service('192.0.2.100:80', ['192.0.2.11'])] });

test('what programs and files of others say, whatever it is, breaks no judge and steers no terminal', t => {
  const said = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('\u001b[2J', 'AUTO=\u202etrue', '\n\n\t'),
  );
  fc.assert(
    fc.property(said, fc.array(said, { minLength: 1 }), (text, words) => {
      const found = [
        ...judgeBeside(text),
        ...judgeFirewall(PAIR, text),
        ...judgeFirewall(
          PAIR,
          `table a b {\n\tchain c {\n\t\ttype filter hook input p; policy drop;\n\t\t${text} tcp dport 80 drop\n\t}\n}\n`,
        ),
        ...judgeDisk({ blocks: text, inodes: text, isWritable: true }),
        ...judgeUnits([{ name: 'x', state: text }]),
        ...judgeDaemons(PAIR, [{ pid: 1, words: ['/usr/sbin/mon', '-c', text] }]),
        ...judgeDaemons(PAIR, [{ pid: 1, words }]),
      ];
      parseRoutes(text);
      return found.every(({ what, subject }) => !/[\u0000-\u001f\u007f-\u009f\u202e]/.test(what + subject));
    }),
    { seed: SEED },
  );
  t.pass();
});

test('ways to an address, as ip(8) tells them', t => {
  const routes = parseRoutes(
    `192.0.2.11 dev eth0 src 192.0.2.1 uid 0 \\    cache 
local 192.0.2.1 dev lo table local src 192.0.2.1 uid 0 \\    cache <local> 
198.51.100.7 via 192.0.2.254 dev eth0 src 192.0.2.1 uid 0 \\    cache 
2001:db8::11 from :: dev eth0 proto kernel src 2001:db8::1 metric 256 pref medium
unreachable 10.9.9.9 
`,
  );
  t.deepEqual(
    [...routes],
    [
      ['192.0.2.11', { device: 'eth0', via: undefined, source: '192.0.2.1' }],
      ['192.0.2.1', { device: 'lo', via: undefined, source: '192.0.2.1' }],
      ['198.51.100.7', { device: 'eth0', via: '192.0.2.254', source: '192.0.2.1' }],
      ['2001:db8::11', { device: 'eth0', via: undefined, source: '2001:db8::1' }],
    ],
  );
});

test('who may write to the state folder', t => {
  t.deepEqual(judgeFolder('755 0\n'), []);
  t.deepEqual(judgeFolder('700 0\n'), []);
  const mended = (said: string): string[] =>
    judgeFolder(said).flatMap(({ mend = [] }) => mend.map(({ line }) => line));
  t.deepEqual(mended('775 0\n'), ['chmod go-w /var/lib/lvsctl']);
  t.deepEqual(mended('755 1000\n'), ['chown root: /var/lib/lvsctl']);
  t.deepEqual(mended('777 1000\n'), ['chown root: /var/lib/lvsctl', 'chmod go-w /var/lib/lvsctl']);
});

test('a masked unit is unmasked first; one that is not there is the business of the files', t => {
  const [one] = judgeUnits([{ name: 'mon.service', state: 'masked' }]);
  t.deepEqual(
    one!.mend!.map(({ line }) => line),
    ['systemctl unmask mon.service', 'systemctl enable mon.service'],
  );
  for (const state of ['enabled', 'static', 'alias', '']) t.deepEqual(judgeUnits([{ name: 'x', state }]), []);
});

test('the sleeper of a host without systemd is known from other programs', t => {
  const words = [
    'sh',
    '-c',
    'exec …; sleep "$1"; shift; exec "$@"',
    'sh',
    '60.000',
    'node',
    'main.js',
    'tick',
  ];
  t.true(hasSleeper([{ pid: 3, words }]));
  t.false(hasSleeper([{ pid: 3, words: ['node', 'main.js', 'tick'] }]));
});
