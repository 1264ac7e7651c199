import test from 'ava';
import { DESCRIPTION, RealServerHost, VIP, VIP6 } from '../support/real-server-host.js';

const ADD = [
  'echo 1 > /proc/sys/net/ipv4/conf/all/arp_ignore',
  'echo 1 > /proc/sys/net/ipv4/conf/eth0/arp_ignore',
  'echo 2 > /proc/sys/net/ipv4/conf/all/arp_announce',
  'echo 2 > /proc/sys/net/ipv4/conf/eth0/arp_announce',
  `ip addr add ${VIP}/32 dev lo scope host`,
  `ip addr add ${VIP6}/128 dev lo preferred_lft 0 nodad`,
];

test('a real server gets its VIPs, hears of each command, and gives all of it back', async t => {
  const host = new RealServerHost(t);
  const before = host.net.picture;
  const { exitCode, err } = await host.run('realserver-setup');
  t.is(exitCode, 0, err);
  t.is(err, ADD.map(line => `# ${line}\n`).join(''));
  t.regex(host.net.addresses('lo'), /10\.0\.0\.50\/32 scope host/);
  t.is(host.net.sysctl('ipv4/conf/eth0/arp_ignore'), '1');
  t.true(host.found?.includes(`address:lo:${VIP}/32=absent`));
  const again = await host.run('realserver-setup');
  t.deepEqual([again.exitCode, again.err], [0, 'nothing to do\n']);
  const check = await host.run('realserver-setup', '--check');
  t.deepEqual([check.exitCode, check.out], [0, 'in place: all\n']);
  const undone = await host.run('realserver-setup', '--undo');
  t.is(undone.exitCode, 0);
  t.true(undone.err.startsWith(`# ip addr del ${VIP}/32 dev lo\n`), undone.err);
  t.is(host.net.picture, before);
  t.is(host.found, undefined);
  t.is((await host.run('realserver-setup', '--undo')).err, 'nothing to do\n');
});

test('a dry run says what would be done, and does nothing', async t => {
  const host = new RealServerHost(t);
  const before = [host.net.picture, host.everything()];
  const { exitCode, out } = await host.run('realserver-setup', '-n');
  t.deepEqual([exitCode, out], [0, ADD.map(line => `# ${line}\n`).join('')]);
  const json = await host.run('realserver-setup', '--dry-run', '-o', 'json');
  t.deepEqual(JSON.parse(json.out), { version: 1, action: 'set-up', dryRun: true, commands: ADD, files: [] });
  t.deepEqual([host.net.picture, host.everything()], before);
  await host.run('realserver-setup');
  const set = [host.net.picture, host.everything()];
  const undo = JSON.parse((await host.run('realserver-setup', '--undo', '-n', '-o', 'json')).out);
  t.deepEqual([undo.action, undo.commands.length, undo.files], ['undo', ADD.length, []]);
  t.deepEqual([host.net.picture, host.everything()], set);
});

test('a check says what is missing and what is too much', async t => {
  const host = new RealServerHost(t);
  const first = await host.run('realserver-setup', '--check');
  t.is(first.exitCode, 2);
  t.regex(
    first.out,
    /^missing: sysctl net\/ipv4\/conf\/all\/arp_ignore 1\n[^]*missing: address lo 10\.0\.0\.50\/32\n/,
  );
  await host.run('realserver-setup');
  host.put('/etc/lvsctl/lvs.yaml', DESCRIPTION.replace(/^ {2}- \{ name: web6.*\n/m, ''));
  const { exitCode, out } = await host.run('realserver-setup', '--check', '-o', 'json');
  t.is(exitCode, 2);
  const { pending, missing, surplus } = JSON.parse(out);
  t.deepEqual([pending, missing, surplus], [true, [], [`address:lo:${VIP6}/128=absent`]]);
  t.is((await host.run('realserver-setup', '--check')).out, `no longer wanted: ${VIP6}/128 on lo\n`);
  t.is((await host.run('realserver-setup')).err, `# ip addr del ${VIP6}/128 dev lo\n`);
  t.is((await host.run('realserver-setup', '--check')).exitCode, 0);
});

const SETTINGS = `sysctl net.ipv4.conf.all.arp_ignore 1
sysctl net.ipv4.conf.{interface}.arp_ignore 1
sysctl net.ipv4.conf.all.arp_announce 2
sysctl net.ipv4.conf.{interface}.arp_announce 2
vip 10.0.0.11 ${VIP} lo
vip 2001:db8::11 ${VIP6} lo
`;

test('the script without Node checks and undoes what the verb did', async t => {
  const host = new RealServerHost(t);
  const before = host.net.picture;
  await host.run('realserver-setup');
  t.is(host.tree('status', SETTINGS).out, 'running\n');
  t.deepEqual(host.tree('start', SETTINGS), { code: 0, out: '', err: '' });
  t.is(host.tree('stop', SETTINGS).code, 0);
  t.is(host.net.picture, before);
  t.is((await host.run('realserver-setup', '--check')).exitCode, 2);
});

test('the verb checks and undoes what the script did', async t => {
  const host = new RealServerHost(t);
  const before = host.net.picture;
  t.is(host.tree('start', SETTINGS).code, 0);
  t.is((await host.run('realserver-setup', '--check')).exitCode, 0);
  t.is((await host.run('realserver-setup')).err, 'nothing to do\n');
  t.is((await host.run('realserver-setup', '--undo')).exitCode, 0);
  t.is(host.net.picture, before);
});

test('a director is no real server, unless it is declared as one', async t => {
  const host = new RealServerHost(t);
  const before = host.net.picture;
  host.name = 'midas';
  host.addresses = ['127.0.0.1', '10.0.0.1'];
  const { exitCode, err } = await host.run('realserver-setup');
  t.is(exitCode, 64);
  t.regex(err, /this host is a director of .*lvs\.yaml, and none of its real servers/);
  const vip = await host.run('realserver-setup', '--vip', VIP);
  t.is(vip.exitCode, 64);
  t.regex(vip.err, /this host is a director of 10\.0\.0\.50, and no real server of it/);
  t.is(host.net.picture, before);
});

test('a director that is a real server may have the VIP on its interface, which stays', async t => {
  const host = new RealServerHost(t);
  host.put(
    '/etc/lvsctl/lvs.yaml',
    DESCRIPTION.replace('name: midas, address: 10.0.0.1,', 'name: web1, address: 10.0.0.11,'),
  );
  host.net.sh(`ip addr add ${VIP}/24 dev eth0`);
  const before = host.net.picture;
  const { exitCode, err } = await host.run('realserver-setup');
  t.is(exitCode, 0, err);
  t.regex(host.net.addresses('lo'), /10\.0\.0\.50\/32/);
  t.is((await host.run('realserver-setup', '--undo')).exitCode, 0);
  t.is(host.net.picture, before);
});

test('a VIP on an interface that is asked for it is refused where nobody directs', async t => {
  const host = new RealServerHost(t);
  host.net.sh(`ip addr add ${VIP}/24 dev eth0`);
  const before = host.net.picture;
  const { exitCode, err } = await host.run('realserver-setup');
  t.is(exitCode, 78);
  t.regex(err, /the VIP 10\.0\.0\.50 is an address of eth0 here, which answers for it/);
  t.is(host.net.picture, before);
});

test('who is no part of the cluster, or behind NAT, is told so', async t => {
  const host = new RealServerHost(t);
  host.name = 'stranger';
  host.addresses = ['127.0.0.1', '10.9.9.9'];
  t.is((await host.run('realserver-setup')).exitCode, 64);
  const nat = new RealServerHost(t);
  nat.put(
    '/etc/lvsctl/lvs.yaml',
    DESCRIPTION.replace(
      'services:',
      'gateway: { address: 10.0.0.60/24, interface: eth0 }\ndefaults: { forwarding: nat }\nservices:',
    ).replace(/^ {2}- \{ name: web6.*\n/m, ''),
  );
  const { exitCode, err } = await nat.run('realserver-setup');
  t.is(exitCode, 0, err);
  t.regex(err, /10\.0\.0\.11 is behind NAT: .*ip route replace default via 10\.0\.0\.60\nnothing to do\n$/);
});
