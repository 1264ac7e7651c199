import test from 'ava';
import { Source } from '../../src/diagnostic/source.js';
import { parseRules } from '../../src/table/parse/rules.js';
import { planTable } from '../../src/table/plan.js';
import type { Table } from '../../src/table/table.js';
import { ModelIpvsadm } from '../support/model-ipvsadm.js';

function table(...lines: readonly string[]): Table {
  const { services, timeouts, diagnostics } = parseRules(new Source('rules', lines.join('\n')));
  if (diagnostics[0]) throw new Error(diagnostics[0].message);
  return { services, timeouts: timeouts ?? { tcp: 900, tcpFin: 120, udp: 300 } };
}

function lines(from: Table, to: Table): string[] {
  return planTable(from, to).steps.map(({ line }) => line);
}

const WEB = '-A -t 192.0.2.100:80 -s wlc';
const A = '-a -t 192.0.2.100:80 -r 192.0.2.11:80 -g -w 1';

test('an edit restates everything, whatever differs', t => {
  const before = table('-A -t 192.0.2.100:80 -s mh -b mh-port -p 60', `${A} -x 20 -y 10`);
  const after = table('-A -t 192.0.2.100:80 -s mh -b mh-port -p 90', A.replace('-w 1', '-w 2 -x 20 -y 10'));
  t.deepEqual(lines(before, after), [
    '-E -t 192.0.2.100:80 -s mh -p 90 -b mh-port',
    '-e -t 192.0.2.100:80 -r 192.0.2.11:80 -g -w 2 -x 20 -y 10',
  ]);
});

test('another port of a NAT server is another server: it comes before the old one goes', t => {
  const before = table(WEB, A.replace('11:80 -g', '11:8080 -m'));
  const after = table(WEB, A.replace('11:80 -g', '11:8081 -m'));
  t.deepEqual(lines(before, after), [
    '-a -t 192.0.2.100:80 -r 192.0.2.11:8081 -m -w 1',
    '-d -t 192.0.2.100:80 -r 192.0.2.11:8080',
  ]);
});

test('under a mark the port of a direct server means nothing, and is the one that the kernel knows it by', t => {
  const before = table(
    '-A -f 7 -s wlc',
    '-a -f 7 -r 192.0.2.11:80 -g -w 1',
    '-a -f 7 -r 192.0.2.11:81 -g -w 1',
  );
  const after = table('-A -f 7 -s wlc', '-a -f 7 -r 192.0.2.11:0 -g -w 5');
  t.deepEqual(lines(before, after), ['-e -f 7 -r 192.0.2.11:80 -g -w 5', '-d -f 7 -r 192.0.2.11:81']);
  const nat = table('-A -f 7 -s wlc', '-a -f 7 -r 192.0.2.11:80 -m -w 1');
  t.deepEqual(lines(nat, nat), []);
});

test('timeouts of 0 leave what the kernel has', t => {
  const before = table('--set 600 60 100');
  t.deepEqual(lines(before, table('--set 0 0 0')), []);
  t.deepEqual(lines(before, table('--set 0 61 0')), ['--set 600 61 100']);
});

test('a service that is ours and no longer wanted goes, the others stay', t => {
  const before = table(WEB, A, '-A -t 192.0.2.200:80 -s rr', '-A -f 7 -6 -s rr');
  const { steps, foreign } = planTable(before, table(), { owned: key => key === '192.0.2.100:80/tcp' });
  t.deepEqual(
    steps.map(({ line }) => line),
    ['-D -t 192.0.2.100:80'],
  );
  t.deepEqual(foreign, ['192.0.2.200:80/tcp', 'fwmark:7/ipv6']);
});

test('the connections of all servers of a service that goes are cut', t => {
  const before = table(WEB, A, A.replace('.11', '.12'));
  const activity = new Map([
    ['192.0.2.100:80/tcp 192.0.2.11:80', { active: 3, inactive: 1 }],
    ['192.0.2.100:80/tcp 192.0.2.12:80', { active: 4, inactive: 0 }],
  ]);
  const [step] = planTable(before, table(), { activity, owned: () => true }).steps;
  t.deepEqual(step!.cuts, { active: 7, inactive: 1 });
});

test('only another scheduler leaves the kernel without one for a moment', t => {
  const gaps = (after: string): boolean[] => planTable(table(WEB), table(after)).steps.map(({ gap }) => gap);
  t.deepEqual(gaps('-A -t 192.0.2.100:80 -s rr'), [true]);
  t.deepEqual(gaps(`${WEB} -p 60`), [false]);
});

test('the model of ipvsadm refuses and resets what the real one does', t => {
  const model = new ModelIpvsadm();
  t.deepEqual(model.restore([WEB, WEB, A]), { exitCode: 0, stderr: 'Service already exists\n' });
  t.is(model.restore(['-e -t 192.0.2.100:80 -r 192.0.2.11:99 -w 7']).exitCode, 0);
  t.true(model.rules().includes('192.0.2.11:80 -g -w 7'), "the port is the service's");
  model.restore(['-E -t 192.0.2.100:80 -p 60', '-e -t 192.0.2.100:80 -r 192.0.2.11:80']);
  t.is(model.rules(), '-A -t 192.0.2.100:80 -s wlc -p 60\n-a -t 192.0.2.100:80 -r 192.0.2.11:80 -g -w 1\n');
  t.deepEqual(model.restore(['-A -t 192.0.2.100:81', '# no', '-A -t 192.0.2.100:82']), {
    exitCode: 2,
    stderr: 'unexpected argument #\n',
  });
  t.false(model.rules().includes(':82'));
  for (const [line, said] of [
    ['-A -t 192.0.2.100:0 -s rr', 'Zero port'],
    ['-A -t 192.0.2.101:1 -s rr -o', 'One-Packet'],
    ['-A -t 192.0.2.101:1 -s rr -b sh-port', 'incompatible'],
    ['-A -t 192.0.2.101:1 -s best', 'not found'],
    ['-E -t 192.0.2.101:1 -s rr', 'No such service'],
    ['-d -t 192.0.2.100:80 -r 192.0.2.99:80', 'No such destination'],
    ['-a -t 192.0.2.100:80 -r 192.0.2.12:80 -w 65536', 'illegal -w'],
    ['-a -t 192.0.2.100:80 -r 192.0.2.12:80 -x 2147483648', 'illegal -x'],
    ['-a -t 192.0.2.100:80 -r [2001:db8::1]:80 -g', 'Different address family'],
    ['-A -f -1', 'invalid fwmark'],
  ] as const) {
    const { exitCode, stderr } = model.restore([line]);
    t.not(exitCode, 0, line);
    t.true(stderr.includes(said), `${line}: ${stderr}`);
  }
});
