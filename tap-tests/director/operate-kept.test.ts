import test from 'ava';
import { KernelHost, VRRP_PAIR } from '../support/kernel-host.js';
import { apply, description, director, done, refused, SETTING, weights } from '../support/operated.js';

test('before anything was applied there is nothing to drain, and nothing to clear', async t => {
  const host = new KernelHost(t);
  for (const argv of [
    ['drain', 'web', 'web1'],
    ['undrain', '--all', 'web1', '-n'],
    ['weight', 'web', 'web1', '1'],
  ]) {
    const { exitCode, err } = await host.run(...argv);
    t.is(exitCode, 1);
    t.is(
      err,
      'lvsctl: nothing has been applied on this director yet\n  help: make a description run with `lvsctl apply` first\n',
    );
  }
  host.kernel.restore(['-A -t 192.0.2.200:80 -s rr']);
  const { exitCode, out } = await host.run('clear');
  t.deepEqual([exitCode, out], [0, 'nothing to change\n']);
  t.true(host.kernel.rules().includes('192.0.2.200:80'));
});

test('persistent clients: the setting that moves them is set, or it is told that they stay', async t => {
  const host = await director(t);
  host.put(SETTING, '0\n');
  const write = new RegExp(`^sh -c .* ${SETTING}$`);
  host.machine.refused.set(write, 'sh: 1: cannot create: Permission denied');
  const stay = await host.run('drain', 'shop', 'web1');
  t.is(stay.exitCode, 0);
  t.true(
    stay.err.includes(
      'warning: net.ipv4.vs.expire_quiescent_template is 0 and cannot be set: persistent clients stay with the drained server\n',
    ),
    stay.err,
  );
  await done(t, host, 'undrain', 'shop', 'web1');
  host.machine.refused.delete(write);
  t.true((await done(t, host, 'drain', 'shop', 'web1', '-n')).includes('would be set to 1\n'));
  const set = await host.run('drain', 'shop', 'web1');
  t.true(set.err.startsWith(`echo 1 > ${SETTING}\nipvsadm -e `), set.err);
  t.true(set.out.endsWith('persistent clients go to other servers with their next connection\n'), set.out);
  t.is(host.text(SETTING), '1\n');
  // Where nobody is persistent nobody asks.
  host.put(SETTING, '0\n');
  t.false((await done(t, host, 'drain', 'web', 'web1')).includes('persistent'));
});

test('drains outlive an apply, a rename, a rollback, a clear and a reboot', async t => {
  const host = await director(t);
  await done(t, host, 'drain', 'web', 'web1');
  await done(t, host, 'weight', 'web', 'web2', '6');
  await apply(t, host, description('renamed'));
  t.is(weights(host), '0 6');
  t.true((await done(t, host, 'drain', 'renamed', 'web1')).startsWith('nothing to do'));
  await done(t, host, 'rollback');
  t.is(weights(host), '0 6');
  await done(t, host, 'clear');
  t.is(weights(host), '');
  await done(t, host, 'rollback');
  t.is(weights(host), '0 6');
  host.put('/proc/sys/kernel/random/boot_id', '6f1c1d6e-0000-4000-8000-000000000002\n');
  for (const line of ['-D -t 192.0.2.100:80', '-D -u 192.0.2.100:53', '-D -t 192.0.2.101:443'])
    host.kernel.restore([line]);
  await done(t, host, 'apply', '-f', 'lvs.yaml');
  t.is(weights(host), '0 6');
});

test('clear takes all that is ours, and nothing else; rollback brings it back', async t => {
  const host = await director(t);
  host.kernel.restore(['-A -t 192.0.2.200:80 -s rr', '-a -t 192.0.2.200:80 -r 192.0.2.21:80 -g -w 1']);
  host.addresses = ['127.0.0.1', '192.0.2.1', '192.0.2.101', '192.0.2.100'];
  const before = host.kernel.rules();
  const { exitCode, out, err } = await host.run('clear', '--reason', 'moved');
  t.is(exitCode, 0, err);
  t.true(out.endsWith('generation 2 runs\n'), out);
  t.true(err.includes('ipvsadm -D -u 192.0.2.100:53\n'), err);
  // The addresses first: a packet that finds one without a table is answered with a reset.
  t.true(
    err.startsWith('ip addr del 192.0.2.100/32 dev eth0\nip addr del 192.0.2.101/32 dev eth0\nipvsadm'),
    err,
  );
  t.is(host.kernel.rules(), '-A -t 192.0.2.200:80 -s rr\n-a -t 192.0.2.200:80 -r 192.0.2.21:80 -g -w 1\n');
  t.like(JSON.parse(host.text('/var/lib/lvsctl/generations/2.json')), { by: 'clear', reason: 'moved' });
  t.is(
    await done(t, host, 'clear'),
    'nothing to change\nnote: 1 service not in the description, left alone (--foreign names them)\n',
  );
  // What history keeps of it can be read.
  host.put('/here/kept.yaml', await done(t, host, 'history', '--show', '2'));
  t.is((await host.run('plan', '-f', 'kept.yaml')).exitCode, 0);
  t.is((await host.run('drain', 'web', 'web1')).exitCode, 64);
  await done(t, host, 'rollback');
  t.is(host.kernel.rules(), before);
});

test('clear names the VIPs that keepalived has here, which stay', async t => {
  const host = await director(t, description('web', VRRP_PAIR));
  host.addresses = ['127.0.0.1', '192.0.2.1', '192.0.2.101', '192.0.2.100'];
  const { exitCode, err } = await host.run('clear');
  t.is(exitCode, 0, err);
  t.true(
    err.startsWith(
      'warning: without services, clients of 192.0.2.100 and 192.0.2.101 are refused as long as this director has the address\n',
    ),
    err,
  );
  t.false(err.includes('ip addr'), err);
});

test('a standby refuses and names the active director; --local is for its own table', async t => {
  const host = await director(t, description('web', VRRP_PAIR));
  const links = (...addresses: string[]): { readonly stdout: string } => ({
    stdout: JSON.stringify([
      { ifname: 'eth0', addr_info: addresses.map(local => ({ local, prefixlen: 24 })) },
    ]),
  });
  host.answers.set('ip -j addr show', links('192.0.2.1'));
  const arping = 'arping -D -f -w 2 -I eth0 192.0.2.100';
  host.answers.set(arping, {
    stdout: 'Unicast reply from 192.0.2.100 [02:00:00:00:00:02]  1ms\n',
    exitCode: 1,
  });
  for (const argv of [
    ['drain', 'web', 'web1'],
    ['undrain', 'web', 'web1', '-n'],
    ['weight', 'web', 'web1', '1'],
  ]) {
    const err = await refused(t, host, 1, ...argv);
    t.true(err.includes('midas, this director, is the standby: estepe is active'), err);
  }
  await done(t, host, 'drain', 'web', 'web1', '--local');
  host.answers.set(arping, { exitCode: 0 });
  await done(t, host, 'undrain', 'web', 'web1');
  host.answers.delete(arping);
  host.answers.set('ip -j addr show', links('192.0.2.1', '192.0.2.101'));
  await done(t, host, 'drain', 'web', 'web1');
});

test('what the kernel refuses is taken back, and nothing was said', async t => {
  const host = await director(t);
  await done(t, host, 'drain', 'web', 'web2');
  let first = true;
  host.beforeBatch = () => {
    if (first) host.kernel.restore(['-d -u 192.0.2.100:53 -r 192.0.2.11:53']);
    first = false;
  };
  host.put(SETTING, '0\n');
  const before = host.text('/var/lib/lvsctl/operator.json');
  const { exitCode, err } = await host.run('drain', '--all', '192.0.2.11', '--force');
  t.is(exitCode, 1);
  t.true(err.includes(`echo 0 > ${SETTING}\n`), err);
  t.is(host.text(SETTING), '0\n');
  t.true(err.includes('; all of it is taken back\n'), err);
  t.is(host.text('/var/lib/lvsctl/operator.json'), before);
  t.is(weights(host), '3 0');
  t.is(weights(host, '192.0.2.100:53'), '1 1');
  t.false(host.paths('/var/lib/lvsctl').includes('/var/lib/lvsctl/intent.json'));
});

test('a file that is damaged keeps every drain from being forgotten', async t => {
  const host = await director(t);
  await done(t, host, 'drain', 'web', 'web1');
  host.put('/var/lib/lvsctl/operator.json', '{');
  const err = await refused(t, host, 1, 'undrain', 'web', 'web1');
  t.true(err.includes('/var/lib/lvsctl/operator.json is damaged'), err);
  t.regex(err, /log --rebuild` puts back what the journal has of it/);
});

test('without permission, without ipvsadm, with the lock held: each its exit code, and nothing is said', async t => {
  const host = await director(t);
  host.answers.set('ipvsadm -R', { exitCode: 255, stderr: 'Permission denied (you must be root)\n' });
  t.true(
    (await refused(t, host, 77, 'drain', 'web', 'web1')).includes(
      'all of it is taken back\n  help: try as root',
    ),
  );
  host.answers.set('ipvsadm -R', { exitCode: undefined, missing: true });
  t.true(
    (await refused(t, host, 69, 'weight', 'web', 'web1', '9')).includes('the program ipvsadm is missing'),
  );
  host.answers.clear();
  const note = '{"pid":1,"verb":"poll","since":"2026-11-21T02:00:00.000Z"}\n';
  const lock = await host.files.lock('/run/lvsctl/lock', note, 5000);
  t.truthy(lock);
  t.true((await refused(t, host, 75, 'drain', 'web', 'web1')).includes('holds /run/lvsctl/lock'));
  await lock!.release();
  await done(t, host, 'drain', 'web', 'web1');
});
