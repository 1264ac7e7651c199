import test from 'ava';
import { cluster, server, service } from '../support/clusters.js';
import { directorHost, OWN_ADDRESSES as OWN } from '../support/director-host.js';
import { renderDirector } from '../support/rendered.js';

const WEB = service('192.168.45.26:80', ['192.168.45.13']);
const WEB6 = service('[2001:db8:45::26]:80', ['2001:db8:45::13']);
const NAT = service('192.168.45.27:80', [], { servers: [server('192.168.46.4', { forwarding: 'nat' })] });

test('the neighbours are told of every IPv4 address, in the background', async t => {
  const host = await directorHost(t, { services: [WEB, WEB6, NAT] });
  host.program(
    'arping',
    '#!/bin/sh\ncase $1 in -V) echo \'arping from iputils 2022\' ;; *) echo "$*" >>/tmp/told; exec sleep 3 ;; esac\n',
  );
  const before = Date.now();
  const { code, err } = host.director('start');
  t.is(code, 0);
  t.true(Date.now() - before < 2500);
  t.regex(
    err,
    /# arping -q -U -c 1 -w 1 -I eth0 192\.168\.45\.26\n# arping -q -U -c 1 -w 1 -I eth0 192\.168\.45\.27\n$/,
  );
  t.is(
    host.sh('sleep 0.3; sort /tmp/told'),
    '-q -U -c 1 -w 1 -I eth0 192.168.45.26\n-q -U -c 1 -w 1 -I eth0 192.168.45.27',
  );
});

test("another arping's options differ, so it is not used, and the start succeeds", async t => {
  const host = await directorHost(t);
  host.program('arping', '#!/bin/sh\necho "ARPing 2.23, by Thomas Habets"\necho "$*" >>/tmp/told\n');
  const { code, err } = host.director('start');
  t.is(code, 0);
  t.regex(err, /no arping of iputils/);
  t.is(host.sh('cat /tmp/told'), '-V');
});

test('without a director in the description the interface is found by the route, or where the address is', async t => {
  const host = await directorHost(t, {
    directors: [],
    services: [WEB, service('192.168.46.30:80', ['192.168.46.4'])],
  });
  t.is(host.director('start').code, 0);
  t.deepEqual(
    host.addresses.filter(one => one.endsWith('/32')),
    ['eth0 192.168.45.26/32', 'eth1 192.168.46.30/32'],
  );
  t.is(host.director('status').code, 0);
  t.is(host.director('start').code, 0);
  t.is(host.director('stop').code, 0);
  t.deepEqual(host.addresses, OWN);
});

test('without a route to a VIP the start fails after the table and says what to do', async t => {
  const host = await directorHost(t, { directors: [] });
  host.sh('ip route flush default; ip addr del 192.168.45.23/24 dev eth0');
  const { code, err } = host.director('start');
  t.is(code, 1);
  t.regex(err, /no route leads to 192\.168\.45\.26: the description has to name its interface/);
  t.deepEqual(host.addresses, OWN.slice(1));
});

test('a VIP on lo, as a real server has it, is not the one of the director', async t => {
  const host = await directorHost(t);
  host.sh('ip addr add 192.168.45.26/32 dev lo');
  t.is(host.director('start').code, 0);
  t.true(host.addresses.includes('eth0 192.168.45.26/32'));
  host.director('stop');
  t.is(host.sh("ip -o addr show dev lo to 192.168.45.26 | awk '{ print $4 }'"), '192.168.45.26/32');
});

test('where the interface is found, a VIP on lo is not taken for the one to move', async t => {
  const host = await directorHost(t, { directors: [] });
  host.sh('ip addr add 192.168.45.26/32 dev lo');
  const { code, err } = host.director('start');
  t.is(code, 1);
  t.regex(err, /no route leads to 192\.168\.45\.26/);
  t.is(host.director('stop').code, 0);
  t.is(host.sh("ip -o addr show dev lo to 192.168.45.26 | awk '{ print $4 }'"), '192.168.45.26/32');
});

test('a VIP that someone added with another prefix counts as there, and is removed as it is', async t => {
  const host = await directorHost(t);
  host.sh('ip addr add 192.168.45.26/24 dev eth0');
  t.is(host.director('start').code, 0);
  t.is(host.addresses.filter(one => one.includes('.26/')).length, 1);
  t.is(host.director('stop').code, 0);
  t.deepEqual(host.addresses, OWN);
});

test('an address that cannot be added is a failure, and one that cannot be removed keeps the table', async t => {
  const host = await directorHost(t, { services: [{ ...WEB, interface: 'eth9' }, NAT] });
  const { code, err } = host.director('start');
  t.is(code, 1);
  t.regex(err, /192\.168\.45\.26\/32 was not added to eth9: not started/);
  host.install(renderDirector(cluster({ services: [WEB] }), ['director', 'ipvsadm']));
  t.is(host.director('start').code, 0);
  host.program('ip', '#!/bin/sh\ncase "$1 $2" in "addr del") exit 2 ;; esac\nexec /usr/sbin/ip "$@"\n');
  const stop = host.director('stop');
  t.is(stop.code, 1);
  t.regex(stop.err, /an address is still here, so all else stays too/);
  t.true(host.table.length > 0);
});

test('NAT settings are of the kernel that forwards, on the side of the servers', async t => {
  const nat6 = service('[2001:db8:45::27]:80', [], {
    servers: [server('2001:db8:46::4', { forwarding: 'nat' })],
  });
  const gateway = { address: '192.168.46.1', prefix: 24, interface: 'eth1' };
  const host = await directorHost(t, { services: [NAT, nat6], gateway });
  t.is(host.director('start').code, 0);
  const settings = [
    'ipv4/ip_forward',
    'ipv4/conf/all/send_redirects',
    'ipv4/conf/eth1/send_redirects',
    'ipv4/conf/eth0/send_redirects',
    'ipv6/conf/all/forwarding',
  ];
  t.deepEqual(
    settings.map(path => host.setting(path)),
    ['1', '0', '0', '1', '1'],
  );
});

test('an IPv6 VIP is no source address, and answers at once without a check for duplicates', async t => {
  const host = await directorHost(t, { services: [WEB6] });
  host.director('start');
  const line = host.sh('ip -o -6 addr show dev eth0 to 2001:db8:45::26');
  t.regex(line, /deprecated/);
  t.regex(line, /preferred_lft 0sec/);
});

test('an IPv6 VIP that the kernel gave up as a duplicate counts as missing, and a start adds it anew', async t => {
  const host = await directorHost(t, { services: [WEB6] });
  host.director('start');
  // The other end of the wire has the address too.
  host.sh(`ip addr del 2001:db8:45::26/128 dev eth0; ip addr add 2001:db8:45::26/128 dev wire0 nodad
    ip addr add 2001:db8:45::26/128 dev eth0
    for n in $(seq 100); do ip -o addr show dev eth0 | grep -q dadfailed && exit; sleep 0.1; done; exit 1`);
  t.like(host.director('status'), { code: 3, err: 'missing: 2001:db8:45::26/128 on eth0\n' });
  host.sh('ip addr del 2001:db8:45::26/128 dev wire0');
  host.changes();
  t.is(host.director('start').code, 0);
  t.deepEqual(host.changes().slice(-2), [
    'ip addr del 2001:db8:45::26/128 dev eth0',
    'ip addr add 2001:db8:45::26/128 dev eth0 preferred_lft 0',
  ]);
});
