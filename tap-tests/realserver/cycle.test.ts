import test, { type ExecutionContext } from 'ava';
import { ARP, Host } from './support.js';

const SETTINGS = `${ARP}
vip 10.0.0.11 10.0.0.50 lo
vip 10.0.0.11 2001:DB8:0::50 lo # a comment
vip 10.0.0.12 10.0.0.51 lo
filter 10.0.0.11 10.0.0.60 tcp 80
`;

const cycle = (t: ExecutionContext, shell: string) => {
  const host = new Host(t, { shell });
  host.settings(SETTINGS);
  const before = host.picture;

  const stopped = host.lvs('status');
  t.deepEqual([stopped.code, stopped.out], [3, 'stopped\n']);
  t.regex(stopped.err, /^missing: address lo 10\.0\.0\.50\/32$/m);

  const first = host.lvs('start');
  t.is(first.code, 0, first.err);
  t.regex(first.err, /^# ip addr add 10\.0\.0\.50\/32 dev lo scope host$/m);
  t.deepEqual(host.lvs('status'), { code: 0, out: 'running\n', err: '' });
  const [running, found] = [host.picture, host.found];

  t.deepEqual(host.lvs('start'), { code: 0, out: '', err: '' });
  t.is(host.picture, running);
  t.is(host.found, found);

  t.is(host.lvs('stop').code, 0);
  t.is(host.picture, before);
  t.is(host.found, undefined);
  t.deepEqual(host.lvs('stop'), { code: 0, out: '', err: '' });
};

test('twice is once, and stop restores what was there, under sh', cycle, 'sh');
test('twice is once, and stop restores what was there, under busybox sh', cycle, 'busybox sh');

test('a host takes its own VIPs only, in either spelling of an address', t => {
  const host = new Host(t);
  host.settings('vip 2001:0DB8::0011 2001:db8::50 lo\nvip 10.0.0.12 10.0.0.51 lo\n');
  t.is(host.lvs('start').code, 0);
  t.regex(host.addresses('lo'), /2001:db8::50\/128/);
  t.notRegex(host.addresses('lo'), /10\.0\.0\.51/);
});

test('restart takes all back and does it again', t => {
  const host = new Host(t);
  host.settings('vip 10.0.0.11 10.0.0.50 lo\n');
  host.lvs('start');
  const { code, err } = host.lvs('restart');
  t.is(code, 0);
  t.regex(err, /# ip addr del 10\.0\.0\.50\/32 dev lo\n# ip addr add 10\.0\.0\.50\/32 dev lo scope host\n/);
});

test('a start with other settings adds and takes back only the difference', t => {
  const host = new Host(t);
  host.settings(`${ARP}vip 10.0.0.11 10.0.0.50 lo\nvip 10.0.0.11 10.0.0.51 lo\n`);
  const before = host.picture;
  host.lvs('start');
  host.settings('vip 10.0.0.11 10.0.0.51 lo\nvip 10.0.0.11 10.0.0.52 lo\n');
  const check = host.lvs('check');
  t.is(check.code, 3);
  t.regex(check.out, /^no longer described: address:lo:10\.0\.0\.50\/32=absent$/m);

  const { err } = host.lvs('reload');
  t.deepEqual(
    err
      .trim()
      .split('\n')
      .filter(line => line.includes('ip addr')),
    ['# ip addr add 10.0.0.52/32 dev lo scope host', '# ip addr del 10.0.0.50/32 dev lo'],
  );
  t.is(host.sysctl('ipv4/conf/all/arp_ignore'), '0');
  t.is(host.lvs('check').code, 0);
  host.lvs('stop');
  t.is(host.picture, before);
});
