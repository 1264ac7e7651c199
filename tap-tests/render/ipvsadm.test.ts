import test from 'ava';
import { PLACES } from '../../src/render/places.js';
import { cluster, marked, server, service } from '../support/clusters.js';
import { DirectorHost } from '../support/director-host.js';
import { bodyOf, contentOf, renderDirector } from '../support/rendered.js';

const WEB = service('192.168.45.26:80', ['192.168.45.13', '192.168.45.43'], {
  name: 'web',
  scheduler: 'wrr',
});

/** A host with fill_table for these services, or for web. */
async function hostWith(
  t: Parameters<typeof DirectorHost.create>[0],
  services = [WEB],
): Promise<DirectorHost> {
  return DirectorHost.create(t, renderDirector(cluster({ services }), ['ipvsadm']));
}

test('an empty table is filled, with the timeouts, and what was done can be replayed by hand', async t => {
  const host = await hostWith(t);
  const { code, out, err } = host.fill();
  t.is(code, 0);
  t.is(out, '');
  t.deepEqual(host.table, [
    '-A -t 192.168.45.26:80 -s wrr',
    '-a -t 192.168.45.26:80 -r 192.168.45.13:80 -g -w 1',
    '-a -t 192.168.45.26:80 -r 192.168.45.43:80 -g -w 1',
  ]);
  t.is(
    err,
    `# modprobe ip_vs
# ipvsadm -A -t 192.168.45.26:80 -s wrr
# ipvsadm -a -t 192.168.45.26:80 -r 192.168.45.13:80 -g -w 1
# ipvsadm -a -t 192.168.45.26:80 -r 192.168.45.43:80 -g -w 1
# ipvsadm --set 900 120 300
`,
  );
});

test('a second run edits in place and ends with the same table', async t => {
  const host = await hostWith(t);
  host.fill();
  const before = host.table;
  host.changes();
  t.is(host.fill().code, 0);
  t.deepEqual(host.table, before);
  t.deepEqual(host.changes(), [
    'modprobe ip_vs',
    '-E -t 192.168.45.26:80 -s wrr',
    '-e -t 192.168.45.26:80 -r 192.168.45.13:80 -g -w 1',
    '-e -t 192.168.45.26:80 -r 192.168.45.43:80 -g -w 1',
    '--set 900 120 300',
  ]);
});

test('a server that is not listed gets weight 0 after all adds, and is removed half a second later', async t => {
  const host = await hostWith(t);
  host.given(
    '-A -t 192.168.45.26:80 -s wlc',
    '-a -t 192.168.45.26:80 -r 192.168.45.99:80 -i -w 7 --tun-type gue --tun-port 6080 --tun-nocsum',
  );
  host.changes();
  const started = Date.now();
  t.is(host.fill().code, 0);
  t.true(Date.now() - started > 450);
  t.deepEqual(host.changes().slice(-3), [
    '--set 900 120 300',
    '-e -t 192.168.45.26:80 -r 192.168.45.99:80 -i -w 0 --tun-type gue --tun-port 6080 --tun-nocsum',
    '-d -t 192.168.45.26:80 -r 192.168.45.99:80',
  ]);
  t.false(host.table.some(line => line.includes('.99')));
});

test('services of others stay as they are, through filling and removing', async t => {
  const host = await hostWith(t);
  const foreign = ['-A -u 192.168.45.26:53 -s rr -o', '-a -u 192.168.45.26:53 -r 192.168.45.13:53 -g -w 3'];
  host.given(...foreign);
  t.is(host.fill().code, 0);
  t.deepEqual(host.table.slice(0, 2), foreign);
  t.is(host.fill('-r').code, 0);
  t.deepEqual(host.table, foreign);
  t.is(host.fill('-r').code, 0, 'removing what is gone is no failure');
});

test('what the description changed is changed: method, weight, thresholds, scheduler, flags and persistence', async t => {
  const persistence = { timeout: 600_000, netmask: 24 };
  const changed = service('192.168.45.26:80', [], {
    scheduler: 'sh',
    flags: ['sh-port'],
    persistence,
    servers: [
      server('192.168.45.13', { forwarding: 'nat', port: 8080, weight: 0 }),
      server('192.168.45.43', { upper: 9, lower: 5 }),
    ],
  });
  const host = await hostWith(t, [changed]);
  host.given(
    '-A -t 192.168.45.26:80 -s wlc -p 300',
    '-a -t 192.168.45.26:80 -r 192.168.45.13:8080 -m -w 5',
    '-a -t 192.168.45.26:80 -r 192.168.45.43:80 -i -w 5',
  );
  t.is(host.fill().code, 0);
  t.deepEqual(host.sh('cat /var/lib/fake-ipvs/table').split('\n'), [
    '-A -t 192.168.45.26:80 -s sh -p 600 -M 255.255.255.0 -b sh-port',
    '-a -t 192.168.45.26:80 -r 192.168.45.13:8080 -m -w 0',
    '-a -t 192.168.45.26:80 -r 192.168.45.43:80 -g -w 1 -x 9 -y 5',
  ]);
});

test('marks of both families and above 2^31 are told apart', async t => {
  const four = marked(7, '192.168.45.28', ['192.168.45.13']);
  const six = marked(7, '2001:db8:45::28', ['2001:db8:45::13']);
  const high = marked(4_294_967_295, '192.168.45.29', ['192.168.45.13']);
  const host = await hostWith(t, [four, six, high]);
  host.given(
    '-A -f 7 -6 -s wlc',
    '-a -f 7 -6 -r [2001:db8:45::13]:0 -g -w 5',
    '-a -f 7 -6 -r [2001:db8:45::99]:0 -g -w 5',
  );
  t.is(host.fill().code, 0);
  const table = [
    '-A -f 7 -6 -s wlc',
    '-a -f 7 -6 -r [2001:db8:45::13]:0 -g -w 1',
    '-A -f 7 -s wlc',
    '-a -f 7 -r 192.168.45.13:0 -g -w 1',
    '-A -f -1 -s wlc',
    '-a -f -1 -r 192.168.45.13:0 -g -w 1',
  ];
  t.deepEqual(host.table, table);
  t.is(host.fill().code, 0);
  t.deepEqual(host.table, table);
  t.is(host.fill('-c').code, 0);
  t.is(host.fill('-r').code, 0);
  t.deepEqual(host.table, []);
});

test('a mark whose servers are printed without -6 is the service above them', async t => {
  const host = await hostWith(t, [marked(7, '2001:db8:45::28', ['2001:db8:45::13'])]);
  host.program(
    'ipvsadm',
    `#!/bin/sh
case $1 in
  -Sn) printf '%s\\n' '-A -f 7 -6 -s wlc' '-a -f 7 -r [2001:db8:45::13]:0 -g -w 1' ;;
  -R) cat >/tmp/batch ;;
esac
`,
  );
  t.is(host.fill().code, 0);
  t.is(host.sh('head -n 2 /tmp/batch'), '-E -f 7 -6 -s wlc\n-e -f 7 -6 -r [2001:db8:45::13]:0 -g -w 1');
});

test('a dry run prints the batch, which ipvsadm -R takes as it is, and changes nothing', async t => {
  const host = await hostWith(t);
  host.given('-A -t 192.168.45.26:80 -s wrr', '-a -t 192.168.45.26:80 -r 192.168.45.99:80 -g -w 1');
  const before = host.table;
  const { code, out } = host.fill('-n');
  t.is(code, 0);
  t.deepEqual(host.table, before);
  const { code: taken, err } = host.run(['ipvsadm', '-R'], out);
  t.is(taken, 0);
  t.is(err, '');
  t.is(host.table.length, 3);
});

test('what the kernel refuses is a failure that names it, though the last line was taken', async t => {
  const host = await hostWith(t);
  host.refuse('^-a .*[.]13:');
  const { code, err } = host.fill();
  t.is(code, 1);
  t.regex(err, /Memory allocation problem/);
  t.regex(err, /server 192\.168\.45\.13:80 of -t 192\.168\.45\.26:80 is missing/);
  t.true(
    host.table.some(line => line.includes('.43:80')),
    'the rest is there',
  );
});

test('an edit or a removal that the kernel refuses is named as well', async t => {
  const host = await hostWith(t);
  host.given(
    '-A -t 192.168.45.26:80 -s rr',
    '-a -t 192.168.45.26:80 -r 192.168.45.13:80 -g -w 4',
    '-a -t 192.168.45.26:80 -r 192.168.45.99:80 -g -w 4',
  );
  host.refuse('^-[Eed] ');
  const { code, err } = host.fill();
  t.is(code, 1);
  t.regex(err, /service -t 192\.168\.45\.26:80 has scheduler rr, not scheduler wrr/);
  t.regex(err, /server 192\.168\.45\.13:80 of \S+ \S+ has -g -w 4, not -g -w 1/);
  t.regex(err, /server 192\.168\.45\.99:80 of \S+ \S+ is still there/);
  t.regex(err, /3 differences between the table and the description/);
});

test('the check names the services that are missing', async t => {
  const host = await hostWith(t, [WEB, service('192.168.45.26:22', ['192.168.45.13'])]);
  host.given('-A -t 192.168.45.26:80 -s rr');
  const { code, out } = host.fill('-c');
  t.is(code, 3);
  t.is(out, 'service -t 192.168.45.26:22 is missing\n');
});

test('a cluster without services leaves the table to others', async t => {
  const host = await hostWith(t, []);
  host.given('-A -t 192.168.45.26:80 -s rr');
  t.is(host.fill().code, 0);
  t.is(host.fill('-r').code, 0);
  t.deepEqual(host.table, ['-A -t 192.168.45.26:80 -s rr']);
});

test('a missing ipvsadm, a missing module, another user and a wrong option have messages and codes of their own', async t => {
  const host = await hostWith(t);
  host.program('modprobe', '#!/bin/sh\nexit 1\n');
  const module = host.fill();
  t.is(module.code, 1);
  t.regex(module.err, /this kernel has no IPVS/);
  host.remove('ipvsadm');
  const missing = host.fill();
  t.is(missing.code, 5);
  t.regex(missing.err, /the program ipvsadm is missing/);
  host.program('id', '#!/bin/sh\necho 1000\n');
  t.is(host.fill().code, 4);
  t.is(host.fill('--help').code, 2);
  t.is(host.fill('-n', '-r').code, 2);
});

test('who holds the lock is waited for, and then nothing is changed', async t => {
  const host = await hostWith(t);
  host.program('flock', '#!/bin/sh\necho "$*" >/tmp/flock\nexit 1\n');
  const { code, err } = host.fill();
  t.is(code, 1);
  t.regex(err, /lock is held by another: nothing was changed/);
  t.is(host.sh('cat /tmp/flock'), '-w 30 9');
  t.deepEqual(host.table, []);
});

test('nobody but its owner may lock its lock, whatever the umask', async t => {
  for (const umask of ['000', '022', '077']) {
    const host = await hostWith(t);
    host.sh(`umask ${umask}; fill_table`);
    t.is(host.sh("stat -c '%a' /run/lvsctl /run/lvsctl/lock"), '755\n600', umask);
  }
});

test('names of services are comments, whatever is in them', async t => {
  const host = await hostWith(t, [
    { ...WEB, name: "x\nEND\n}\ntouch /tmp/pwned; $(touch /tmp/pwned) `touch /tmp/pwned` '\u2028" },
  ]);
  t.is(host.fill().code, 0);
  t.is(host.sh('ls /tmp'), '');
});

test('nothing is rendered where keepalived owns the table', t => {
  t.is(renderDirector(cluster({ checker: 'keepalived' }), ['ipvsadm'], { tree: true }).size, 0);
});

test("Debian's own service gets its files only in a tree", t => {
  const input = cluster({ services: [WEB] });
  t.deepEqual([...renderDirector(input, ['ipvsadm']).keys()], [PLACES.fillTable]);
  const files = renderDirector(input, ['ipvsadm'], { tree: true });
  t.deepEqual([...files.keys()], [PLACES.fillTable, PLACES.ipvsadmRules, PLACES.ipvsadmDefaults]);
});

test("Debian's service restores the rules: without comments they are what ipvsadm -R takes", async t => {
  const files = renderDirector(
    cluster({ services: [WEB, marked(7, '2001:db8:45::28', ['2001:db8:45::13'])] }),
    ['ipvsadm'],
    { tree: true },
  );
  const host = await DirectorHost.create(t, files);
  t.notRegex(contentOf(files, PLACES.ipvsadmRules).trimEnd(), /^$|^[^#].*#/m);
  const { code, err } = host.run(['sh', '-c', `grep -v '^#' ${PLACES.ipvsadmRules} | ipvsadm -R`]);
  t.is(code, 0);
  t.is(err, '');
  t.is(host.table.length, 5);
  t.is(host.fill().code, 0);
});

test('only a pair under heartbeat starts the backup daemon with the table', t => {
  const failover = { ...cluster().failover, syncConnections: true, links: ['eth0', 'eth2'] };
  const defaults = (by: 'none' | 'vrrp' | 'heartbeat'): string =>
    bodyOf(
      renderDirector(cluster({ failover: { ...failover, by } }), ['ipvsadm'], { tree: true }),
      PLACES.ipvsadmDefaults,
    );
  t.regex(defaults('heartbeat'), /^DAEMON="backup"\nIFACE="eth2"\nSYNCID="51"$/m);
  t.regex(defaults('vrrp'), /keepalived's to synchronise.*\nDAEMON="none"\n$/);
  t.regex(defaults('none'), /^AUTO="true"$[^]*DAEMON="none"\n$/m);
});
