import test from 'ava';
import { KernelHost } from '../support/kernel-host.js';

test('the running table becomes a description of which plan is empty', async t => {
  const host = new KernelHost(t);
  host.kernel.restore([
    '-A -t 192.0.2.100:80 -s wlc',
    '-a -t 192.0.2.100:80 -r 192.0.2.11:80 -g -w 1 -x 20 -y 10',
    '-A -f 4294967295 -s rr',
    '-a -f 4294967295 -r 192.0.2.12:8080 -g -w 1',
    '--set 0 0 77',
  ]);
  const { exitCode, out } = await host.run(
    'import',
    'kernel',
    '--match',
    '4294967295=192.0.2.101:http,4294967295=192.0.2.101:443',
  );
  t.is(exitCode, 0);
  host.put('/here/lvs.yaml', out);
  const plan = await host.run('plan', '-f', 'lvs.yaml');
  t.is(plan.out, 'nothing to change\n');
  t.is(plan.exitCode, 0);
});

test('what no description can say is an error at the line of the table: nothing is printed', async t => {
  const host = new KernelHost(t);
  host.kernel.restore(['-A -t 192.0.2.100:80 -s wlc', '-A -f 7 -s rr']);
  const { exitCode, out, err } = await host.run('import', 'kernel');
  t.is(exitCode, 78);
  t.is(out, '');
  t.regex(err, /^kernel:1:1: error\[mark-without-match\]: .* the mark 7\n {3}1 \| -A -f 7 -s rr\n/);
  t.regex(err, /\nlvsctl: kernel cannot be imported: 1 error\n$/);
});

test('a saved table is read from a file or standard input, with the names of this host for ports', async t => {
  const host = new KernelHost(t);
  const rules = '-A -t 192.0.2.100:http -s rr\n-a -t 192.0.2.100:http -r 192.0.2.11:http -g -w 1\n';
  host.put('/here/rules', rules);
  host.input = rules;
  const fromFile = await host.run('import', 'ipvsadm', 'rules', '-o', 'json');
  const piped = await host.run('import', 'ipvsadm', '-o', 'json');
  t.is(fromFile.exitCode, 0);
  t.regex(JSON.parse(fromFile.out).yaml, /port: 80\n/);
  t.is(JSON.parse(piped.out).yaml, JSON.parse(fromFile.out).yaml);
});

for (const [line, message] of [
  ['import kernel file', 'import kernel reads no file'],
  ['import ipvsadm --match seven', '--match cannot be "seven"'],
  ['import ipvsadm --match 0=192.0.2.1:80', '--match cannot be "0=192.0.2.1:80"'],
  ['import ipvsadm --match 7=192.0.2.1:99999', '--match cannot be "7=192.0.2.1:99999"'],
  ['import ipvsadm --match 7=192.0.2.1:80/icmp', '--match cannot be "7=192.0.2.1:80/icmp"'],
  ['import ipvsadm --match 7=$(reboot):80', '--match cannot be "7=$(reboot):80"'],
] as const) {
  test(`${line} is wrong usage`, async t => {
    const { exitCode, err } = await new KernelHost(t).run(...line.split(' '));
    t.is(exitCode, 64);
    t.true(err.startsWith(`lvsctl: ${message}\n  help: `), err);
  });
}

test('a file that is not there, or no text, is a problem like any other', async t => {
  const host = new KernelHost(t);
  host.put('/here/noise', Buffer.from([0x2d, 0x41, 0xff, 0xfe]));
  t.regex((await host.run('import', 'ipvsadm', 'nowhere')).err, /nowhere: error\[unreadable-file\]/);
  t.regex((await host.run('import', 'ipvsadm', 'noise')).err, /error\[not-text\]/);
});
