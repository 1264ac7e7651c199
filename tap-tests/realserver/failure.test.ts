import { spawn, spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import test from 'ava';
import { ARP, Host, SCRIPT } from './support.js';

const TWO = `${ARP}vip 10.0.0.11 10.0.0.50 lo\nvip 10.0.0.11 10.0.0.51 lo\n`;
const REFUSES_51 = `case "$*" in 'addr add 10.0.0.51/32'*) echo 'RTNETLINK answers: no' >&2; exit 2 ;; esac
exec "$REAL" "$@"`;

test('a start that fails half-way takes back what it did', t => {
  const host = new Host(t);
  host.settings(TWO);
  const before = host.picture;
  host.fake('ip', REFUSES_51);
  const { code, err } = host.lvs('start');
  t.is(code, 1);
  t.regex(err, /start failed \(address lo 10\.0\.0\.51\/32\): taking back what it did/);
  t.regex(err, /# ip addr del 10\.0\.0\.50\/32 dev lo/);
  t.is(host.picture, before);
  t.is(host.found, undefined);
});

test('a start that is interrupted takes back what it did', t => {
  const host = new Host(t);
  host.settings(TWO);
  const before = host.picture;
  host.fake('ip', `case "$*" in 'addr add 10.0.0.51/32'*) kill -TERM "$PPID" ;; esac\nexec "$REAL" "$@"`);
  const { code, err } = host.lvs('start');
  t.is(code, 1);
  t.regex(err, /start failed \(interrupted\)/);
  t.is(host.picture, before);
});

test('a second start that fails keeps what the first did', t => {
  const host = new Host(t);
  host.settings(`${ARP}vip 10.0.0.11 10.0.0.49 lo\n`);
  host.lvs('start');
  const [before, found] = [host.picture, host.found];
  host.settings(`vip 10.0.0.11 10.0.0.49 lo\n${TWO}`);
  host.fake('ip', REFUSES_51);
  t.is(host.lvs('start').code, 1);
  t.is(host.picture, before);
  t.is(host.found, found);
});

test('a stop that cannot remove a VIP says so, goes on, and can be repeated', t => {
  const host = new Host(t);
  host.settings(TWO);
  const before = host.picture;
  host.lvs('start');
  host.fake('ip', `case "$*" in 'addr del 10.0.0.50/32'*) exit 2 ;; esac\nexec "$REAL" "$@"`);
  const { code, err } = host.lvs('stop');
  t.is(code, 1);
  t.regex(err, /not all could be taken back/);
  t.notRegex(host.addresses('lo'), /10\.0\.0\.51/);
  t.regex(host.found ?? '', /address:lo:10\.0\.0\.50\/32=absent/);
  rmSync(`${host.folder}/bin/ip`);
  t.is(host.lvs('stop').code, 0);
  t.is(host.picture, before);
});

test('what is to change is written down before the first change', t => {
  const host = new Host(t);
  host.settings(TWO);
  host.fake(
    'ip',
    `case "$*" in 'addr add'*) cat "$LVSCTL_STATE_DIR/realserver.found" > "$LOG" ;; esac\nexec "$REAL" "$@"`,
  );
  host.lvs('start');
  t.regex(host.log('ip'), /arp_ignore=0 1[^]*10\.0\.0\.50\/32=absent[^]*10\.0\.0\.51\/32=absent/);
});

test('who is not root may ask for the status only (a fake id)', t => {
  const host = new Host(t);
  host.settings(TWO);
  host.fake('id', 'echo 1000');
  for (const word of ['start', 'stop', 'restart']) {
    const { code, err } = host.lvs(word);
    t.is(code, 4);
    t.regex(err, /only root may do this: nothing was changed/);
  }
  t.deepEqual([host.lvs('status').code, host.lvs('status').out], [3, 'stopped\n']);
});

test('a missing program is named before anything is changed', t => {
  const host = new Host(t);
  host.settings(`${TWO}filter 10.0.0.11 10.0.0.60 tcp 80\n`);
  const before = host.picture;
  const hide = 'mount --bind /dev/null "$(command -v nft)"; exec sh "$0" start';
  const { code, err } = host.run(['unshare', '-m', 'sh', '-ec', hide, SCRIPT], host.environment);
  t.is(code, 5, err);
  t.regex(err, /the program nft is missing \(Debian: package nftables\): nothing was changed/);
  t.is(host.picture, before);
});

test('a disk that is full for the rules is told of once, and what was done is taken back', t => {
  const host = new Host(t);
  host.settings(`${TWO}filter 10.0.0.11 10.0.0.60 tcp 80\n`);
  const before = host.picture;
  // Room for what was found, and for nothing else.
  const fill =
    'mkdir -p "$LVSCTL_STATE_DIR"; mount -t tmpfs -o size=12k tmpfs "$LVSCTL_STATE_DIR"; head -c 8192 /dev/zero >"$LVSCTL_STATE_DIR/ballast"; exec sh "$0" start';
  const { code, err } = host.run(['unshare', '-m', 'sh', '-ec', fill, SCRIPT], host.environment);
  t.is(code, 1);
  t.is(err.match(/No space left on device/g)?.length, 1, err);
  t.notRegex(err, /I\/O error|nft -f/);
  t.regex(err, /start failed \(filter /);
  t.is(host.picture, before);
});

test('settings that cannot be read are named', t => {
  const host = new Host(t);
  const { code, err } = host.lvs('start');
  t.is(code, 6);
  t.true(err.includes(`cannot read ${host.conf}`));
});

test('no word, an unknown one or two words give a short usage', t => {
  for (const words of [[], ['begin'], ['start', 'now'], ['']]) {
    const { status, stderr } = spawnSync('sh', [SCRIPT, ...words], { encoding: 'utf8' });
    t.is(status, 2);
    t.is(stderr, 'usage: realserver.lvs.dr start [-n]|stop [-n]|restart|reload|status|check\n');
  }
});

test('who finds another start or stop busy waits for it, and gives up in time', t => {
  const host = new Host(t);
  host.settings(TWO);
  host.sh(`mkdir ${host.folder}/state`);
  const busy = (seconds: number): void => {
    spawn('flock', [`${host.folder}/state`, 'sh', '-c', `touch ${host.folder}/held; sleep ${seconds}`]);
    host.sh(`until [ -e ${host.folder}/held ]; do sleep 0.05; done; rm ${host.folder}/held`);
  };
  const before = host.picture;
  busy(4);
  const { code, err } = host.run(['sh', SCRIPT, 'start'], { ...host.environment, LVSCTL_PATIENCE: '1' });
  t.is(code, 75, err);
  t.regex(err, /another start or stop has been busy for 1 s: nothing was changed/);
  t.is(host.picture, before);
  t.is(host.lvs('start').code, 0);
});
