import test, { type ExecutionContext } from 'ava';
import { EXAMPLE, heartbeatPair, TestHost } from '../support/context.js';

function inPlace(t: ExecutionContext, name: string, addresses: string[] = [], text = EXAMPLE): TestHost {
  const host = new TestHost(t);
  const form = text.startsWith('version') ? 'yaml' : 'conf';
  host.put(`/etc/lvsctl/lvs.${form}`, text);
  host.put('/etc/hosts', '127.0.0.1 localhost\n');
  host.name = name;
  host.addresses = ['127.0.0.1', '::1', ...addresses];
  return host;
}

/** All but what the test itself put there. */
function made(host: TestHost): string[] {
  return host
    .paths()
    .filter(path => !/^\/(package|etc\/(services|hosts|lvsctl\/lvs\.(conf|yaml)))$/.test(path));
}

test('the director whose name this host has gets its files in their places, and is told what to do next', async t => {
  const host = inPlace(t, 'midas');
  const { exitCode, err } = await host.run('configure');
  t.is(exitCode, 0);
  t.true(made(host).includes('/etc/ha.d/ha.cf') && made(host).includes('/etc/init.d/director.lvs.dr'));
  t.false(made(host).some(path => path.includes('realserver')));
  t.regex(host.text('/etc/hosts'), /^127\.0\.0\.1 localhost\n# BEGIN lvsctl [^]*midas[^]*# END lvsctl\n$/);
  t.regex(
    err,
    /wrote \d+ files\nNothing was started\. To put it to work:\n {2}systemctl daemon-reload\n[^]*heartbeat\.service\n$/,
  );
  const again = await host.run('configure');
  t.true(again.err.endsWith('nothing to do\n'), again.out);
});

test("what ipvsadm's own service would load is for hosts without lvsctl, so not in place", async t => {
  const host = inPlace(t, 'midas');
  await host.run('configure');
  t.false(made(host).some(path => /ipvsadm\.rules|default\/ipvsadm/.test(path)));
});

test('a host is known by a listed address, too', async t => {
  const director = inPlace(t, 'other', ['192.168.45.23']);
  t.is((await director.run('configure')).exitCode, 0);
  t.true(made(director).includes('/etc/ha.d/ha.cf'));
  const server = inPlace(t, 'other', ['192.168.45.43']);
  const { exitCode, err } = await server.run('configure');
  t.is(exitCode, 0);
  t.true(made(server).includes('/etc/lvsctl/realserver.conf') && !made(server).includes('/etc/ha.d/ha.cf'));
  t.regex(err, /systemctl enable --now lvs-realserver\.service\n.*uptimesrv\.socket\n$/s);
});

test('a host that is no part of the cluster is told what was looked for', async t => {
  const host = inPlace(t, 'stranger', ['203.0.113.9']);
  const { exitCode, err } = await host.run('configure');
  t.is(exitCode, 64);
  t.regex(
    err,
    /neither its name "stranger" nor one of its addresses \(203\.0\.113\.9\) is a director's or a real server's/,
  );
  t.deepEqual(made(host), []);
});

test('--host goes before name and addresses', async t => {
  const host = inPlace(t, 'stranger');
  t.is((await host.run('configure', '--host', 'midas')).exitCode, 0);
  t.true(made(host).includes('/etc/ha.d/ha.cf'));
});

test('a name that is not in the description gets a suggestion, or the names that are', async t => {
  const host = inPlace(t, 'midas');
  const near = await host.run('configure', '--host', 'mida');
  t.is(near.exitCode, 64);
  t.regex(near.err, /"mida" is no machine of this cluster\n {2}help: did you mean "midas"\?/);
  const far = await host.run('configure', '--host', '203.0.113.1');
  t.is(far.exitCode, 64);
  t.regex(far.err, /help: known: midas, estepe or realserver, or the address of a server/);
});

test('without directors every host that serves nothing is the director', async t => {
  const text = 'version: 1\nservices: [{ address: 192.0.2.100, port: 80, servers: [192.0.2.11] }]\n';
  const director = inPlace(t, 'any', ['192.0.2.50'], text);
  t.is((await director.run('configure')).exitCode, 0);
  t.true(made(director).includes('/usr/local/sbin/fill_table'));
  const server = inPlace(t, 'any', ['192.0.2.11'], text);
  t.is((await server.run('configure')).exitCode, 0);
  t.false(made(server).includes('/usr/local/sbin/fill_table'));
});

test('a director that serves has the files of both in place', async t => {
  const host = inPlace(t, 'midas', [], heartbeatPair().replace('192.0.2.12]', '192.0.2.1]'));
  const { exitCode, err } = await host.run('configure');
  t.is(exitCode, 0);
  t.true(made(host).includes('/etc/lvsctl/realserver.conf') && made(host).includes('/etc/ha.d/ha.cf'));
  t.regex(err, /lvsctl-director[^]*lvs-realserver/);
});

test("a file of the system that is not ours stops everything, a package's own conffile does not", async t => {
  const host = inPlace(t, 'midas');
  host.put('/etc/mon/mon.cf', 'as shipped\n');
  const refused = await host.run('configure');
  t.is(refused.exitCode, 1);
  t.regex(refused.err, /\/etc\/mon\/mon\.cf: lvsctl did not write it/);
  t.deepEqual(made(host), ['/etc/mon/mon.cf']);
  host.put(
    '/var/lib/dpkg/status',
    'Package: mon\nConffiles:\n /etc/mon/mon.cf 215586009b60af42c128105c6001a5f9\n',
  );
  const shipped = await host.run('configure');
  t.is(shipped.exitCode, 0, shipped.err);
  t.is(host.text('/etc/mon/mon.cf.lvsctl-old'), 'as shipped\n');
});

test('--fragment puts only our part into mon.cf, and that part is remembered', async t => {
  const host = inPlace(t, 'midas');
  host.put('/etc/mon/mon.cf', '# mine\n');
  t.is((await host.run('configure', '--fragment')).exitCode, 0);
  t.regex(host.text('/etc/mon/mon.cf'), /^# mine\n# BEGIN lvsctl [^]*\n# END lvsctl\n$/);
  host.put('/etc/mon/mon.cf', `${host.text('/etc/mon/mon.cf')}# mine, too\n`);
  const again = await host.run('configure');
  t.is(again.exitCode, 0);
  t.true(again.err.endsWith('nothing to do\n'), again.out);
  t.regex(host.text('/etc/mon/mon.cf'), /# mine, too\n$/);
});

test('the next steps are those of the targets that were written', async t => {
  const host = inPlace(t, 'midas');
  const { exitCode, err } = await host.run('configure', '--target', 'mon');
  t.is(exitCode, 0);
  t.regex(err, /systemctl restart mon\.service\n$/);
  t.notRegex(err, /heartbeat\.service|lvsctl-director/);
});
