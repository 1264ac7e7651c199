import test from 'ava';
import { ALL, booted, HEAD, vips, WEB } from '../support/director-down.js';

const VIPS = ['eth0 192.0.2.100/32', 'eth0 192.0.2.101/32', 'eth0 2001:db8::100/128', 'eth1 192.0.3.254/24'];

test('start: marks, settings and table, then addresses, then the neighbours are told', async t => {
  const host = await booted(t, ALL);
  const { exitCode, out, err } = await host.run('director', 'start');
  t.is(exitCode, 0, err);
  t.is(out, '');
  t.deepEqual(vips(host), VIPS);
  const at = (text: string): number => host.machine.changes.findIndex(line => line.startsWith(text));
  const order = ['modprobe ip_vs', 'nft -f', 'net/ipv4/vs', '-A -t', 'ip addr add', 'arping'].map(at);
  t.false(order.includes(-1), host.machine.changes.join('\n'));
  t.deepEqual(
    order,
    order.toSorted((a, b) => a - b),
    host.machine.changes.join('\n'),
  );
  t.true(host.machine.changes.includes('ip addr add 2001:db8::100/128 dev eth0 preferred_lft 0'));
  t.true(host.machine.changes.includes('net/ipv6/conf/eth0/dad_transmits = 0'));
  t.true(host.machine.changes.indexOf('net/ipv6/conf/eth0/dad_transmits = 0') < at('ip addr add 2001'));
  t.is(host.machine.changes.at(-1), 'arping eth0 192.0.2.100 eth0 192.0.2.101 eth1 192.0.3.254');
  t.regex(host.machine.marks!, /ip daddr 192\.0\.2\.101 tcp dport 443 +meta mark set 7/);
  t.true(err.includes('# ip addr add 192.0.2.100/32 dev eth0\n'), err);
  t.true(err.includes('# ipvsadm -A -t 192.0.2.100:80 -s wrr\n'), err);
  t.true(err.includes("# nft -f - <<'END'\n# "), err);
  t.true(err.includes('# echo 1 > /proc/sys/net/ipv4/vs/expire_nodest_conn\n'), err);
  t.deepEqual(
    err.split('\n').filter(line => !/^# |^$/.test(line)),
    [],
  );
});

test('twice is once: only marks, which are replaced whole, and the neighbours come again', async t => {
  const host = await booted(t, ALL);
  await host.run('director', 'start');
  host.machine.changes.length = 0;
  t.is((await host.run('director', 'start')).exitCode, 0);
  t.deepEqual(
    host.machine.changes.map(line => line.split(' ')[0]),
    ['nft', 'arping'],
  );
  await host.run('director', 'stop');
  host.machine.changes.length = 0;
  t.is((await host.run('director', 'stop')).exitCode, 0);
  t.deepEqual(host.machine.changes, []);
});

test('stop: addresses first, and connections wait for the next start', async t => {
  const host = await booted(t, ALL);
  await host.run('director', 'start');
  host.kernel.restore(['-A -t 192.0.2.200:80 -s rr']);
  host.machine.changes.length = 0;
  const { exitCode, err } = await host.run('director', 'stop');
  t.is(exitCode, 0, err);
  t.deepEqual(host.machine.changes, [
    'ip addr del 192.0.2.100/32 dev eth0',
    'ip addr del 2001:db8::100/128 dev eth0',
    'ip addr del 192.0.2.101/32 dev eth0',
    'ip addr del 192.0.3.254/24 dev eth1',
    'net/ipv4/vs/expire_nodest_conn = 0',
    '-D -f 7',
    '-D -t 192.0.2.100:80',
    '-D -t [2001:db8::100]:80',
    'nft delete table inet lvsctl_marks',
  ]);
  t.is(host.kernel.rules(), '-A -t 192.0.2.200:80 -s rr\n', "others' services stay");
  t.deepEqual(vips(host), []);
});

test('a drained server is drained after stop and start', async t => {
  const host = await booted(t, ALL);
  const since = { at: '1970-01-01T00:00:00.000Z', boot: '', up: 0 };
  const entry = {
    service: '192.0.2.100:80/tcp',
    server: '192.0.2.11:80',
    drain: { author: 'ada', since },
    revision: 1,
    host: 'midas',
  };
  host.put('/var/lib/lvsctl/operator.json', JSON.stringify({ version: 1, entries: [entry] }));
  for (const what of ['start', 'stop', 'start']) {
    const { exitCode, err } = await host.run('director', what);
    t.is(exitCode, 0, err);
  }
  t.true(host.kernel.rules().includes('-r 192.0.2.11:80 -g -w 0\n'), host.kernel.rules());
  t.true(host.kernel.rules().includes('-r 192.0.2.12:80 -g -w 1\n'));
});

test('status: the word, the codes of LSB, and what is missing', async t => {
  const host = await booted(t, ALL);
  const stopped = await host.run('director', 'status');
  t.like(stopped, { exitCode: 3, out: 'stopped\n' });
  t.true(stopped.err.includes('missing: the firewall marks\n'), stopped.err);
  t.true(stopped.err.includes('missing: the service fwmark:7/ipv4\n'), stopped.err);
  await host.run('director', 'start');
  const changes = host.machine.changes.length;
  t.deepEqual(await host.run('director', 'status'), { exitCode: 0, out: 'running\n', err: '' });
  host.machine.interfaces.get('eth0')!.find(one => one.local === '2001:db8::100')!.dadfailed = true;
  host.put('/proc/sys/net/ipv4/vs/expire_nodest_conn', '0\n');
  t.deepEqual(await host.run('director', 'status'), {
    exitCode: 3,
    out: 'stopped\n',
    err: 'missing: /proc/sys/net/ipv4/vs/expire_nodest_conn = 1\nmissing: 2001:db8::100/128 on eth0\n',
  });
  t.deepEqual(JSON.parse((await host.run('director', 'status', '-o', 'json')).out), {
    version: 1,
    state: 'stopped',
    missing: ['/proc/sys/net/ipv4/vs/expire_nodest_conn = 1', '2001:db8::100/128 on eth0'],
  });
  t.is(host.machine.changes.length, changes, 'it changes nothing');
});

test('an address that the kernel gave up as a duplicate is added anew', async t => {
  const host = await booted(t, ALL);
  await host.run('director', 'start');
  host.machine.interfaces.get('eth0')!.find(one => one.local === '2001:db8::100')!.dadfailed = true;
  host.machine.changes.length = 0;
  await host.run('director', 'start');
  t.deepEqual(host.machine.changes.slice(1, -1), [
    'ip addr del 2001:db8::100/128 dev eth0',
    'ip addr add 2001:db8::100/128 dev eth0 preferred_lft 0',
  ]);
});

test('a VIP on lo is a real server’s matter; one with another prefix is there, and goes as it is', async t => {
  const host = await booted(t, HEAD + 'services:\n' + WEB);
  host.machine.interfaces.get('lo')!.push({ local: '192.0.2.100', prefixlen: 32 });
  host.machine.interfaces.get('eth0')!.push({ local: '192.0.2.100', prefixlen: 24 });
  await host.run('director', 'start');
  t.deepEqual(vips(host), ['eth0 192.0.2.100/24', 'lo 192.0.2.100/32']);
  await host.run('director', 'stop');
  t.deepEqual(vips(host), ['lo 192.0.2.100/32']);
});

test('without a director in the description interfaces are found by the route', async t => {
  const host = await booted(
    t,
    'version: 1\nservices:\n' + WEB + WEB.replace('192.0.2.100', '192.0.3.100').replace('80', '81'),
  );
  t.is((await host.run('director', 'start')).exitCode, 0);
  t.deepEqual(vips(host), ['eth0 192.0.2.100/32', 'eth1 192.0.3.100/32']);
  await host.run('director', 'stop');
  t.deepEqual(vips(host), []);
});

test('what is to come is woken for again by a start, since a boot took the timer; a stop sets none', async t => {
  const host = await booted(t, HEAD + 'services:\n' + WEB);
  host.put('/here/lvs.yaml', `${HEAD}services:\n${WEB.replace('wrr', 'rr')}`);
  t.is((await host.run('apply', '-f', 'lvs.yaml', '--confirm', '60m')).exitCode, 0);
  for (const [what, timers] of [
    ['stop', 0],
    ['start', 1],
  ] as const) {
    host.called.length = 0;
    t.is((await host.run('director', what)).exitCode, 0);
    t.is(host.called.length, timers, what);
  }
});
