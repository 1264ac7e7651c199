import { readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import test from 'ava';
import { withCheckDefaults } from '../../src/cluster/defaults.js';
import type { Check } from '../../src/cluster/check.js';
import type { Cluster } from '../../src/cluster/cluster.js';
import { PLACES } from '../../src/render/places.js';
import { cluster, marked, service } from '../support/clusters.js';
import { startMon } from '../support/mon.js';
import { bodyOf, contentOf, renderDirector } from '../support/rendered.js';

const MON_CF = '/etc/mon/mon.cf';

const checks: Record<string, Partial<Check> & Pick<Check, 'type'>> = {
  tcp: { type: 'tcp' },
  quick: { type: 'tcp', timeout: 500 },
  http: { type: 'http', path: '/a?b=c&d', host: 'www.example.org', status: [200, 301] },
  https: { type: 'https', expect: `it's "all" \\ right; $HOME \`x\` #1 ;;` },
  smtp: { type: 'smtp' },
  dns: { type: 'dns', host: 'www.example.org' },
  ping: { type: 'ping' },
  script: { type: 'script', command: ['/bin/echo', '{service}', '{address}:{port}', '%n'] },
  none: { type: 'none' },
};

const everyCheck: Cluster = cluster({
  checker: 'mon',
  notify: { mail: ['root@localhost', 'ops@example.org'] },
  services: Object.entries(checks).flatMap(([name, check], index) => [
    service(`192.0.2.${index + 1}:80`, ['198.51.100.1'], { name, check: withCheckDefaults(check) }),
    service(`[2001:db8::${index + 1}]:80`, ['2001:db8:1::1'], { check: withCheckDefaults(check) }),
  ]),
});

function monitorLines(text: string): string[] {
  return [...text.matchAll(/^ +monitor (.*)$/gm)].map(([, line]) => line!);
}

test('the real mon reads every kind of check without a complaint, and watches each server of each service', async t => {
  const text = contentOf(renderDirector(everyCheck, ['mon']), MON_CF);
  const mon = await startMon(t, text);
  t.is(mon.complaints, '');
  const expected = [...text.matchAll(/^watch (\S+)\n +service (\S+)$/gm)].map(
    ([, watch, name]) => `${watch} ${name}`,
  );
  t.is(expected.length, 16, 'nine kinds in two families, of which none is not watched');
  t.deepEqual(mon.watches(), expected.toSorted());
});

test('mon calls the alert at its start with the true names of service and server', async t => {
  const services = [marked(7, '192.0.2.1', ['198.51.100.1']), service('[2001:db8::1]:80', ['2001:db8:1::1'])];
  const mon = await startMon(
    t,
    contentOf(renderDirector(cluster({ checker: 'mon', services }), ['mon']), MON_CF),
  );
  for (let tries = 0; mon.alerts().length < 2 && tries < 200; tries++) await setTimeout(200);
  const words = mon.alerts().map(line => line.split('|').slice(-3, -1).join(' '));
  t.deepEqual(words.toSorted(), ['[2001:db8::1]:80/tcp [2001:db8:1::1]:80', 'shop-7 198.51.100.1:0']);
});

test("mon's own monitors do what they can, ours the rest", t => {
  const lines = monitorLines(contentOf(renderDirector(everyCheck, ['mon']), MON_CF));
  t.deepEqual(lines.slice(0, 4), [
    'tcp.monitor -p 80 -t 3',
    'lvs.monitor --type tcp --port 80 --timeout 3',
    'lvs.monitor --type tcp --port 80 --timeout 0.5',
    'lvs.monitor --type tcp --port 80 --timeout 0.5',
  ]);
  t.true(lines.includes('fping.monitor -r 1 -t 3000'));
  t.true(lines.includes('lvs.monitor --type dns --port 80 --timeout 3 --name www.example.org'));
});

test('a script gets the address, port and service of its server, and no host behind them', t => {
  const lines = monitorLines(contentOf(renderDirector(everyCheck, ['mon']), MON_CF));
  t.true(
    lines.includes(
      'lvs.monitor --type script --timeout 3 --address 198.51.100.1 -- /bin/echo script 198.51.100.1:80 %n ;;',
    ),
    lines.join('\n'),
  );
});

test('a service by mark is checked at the first port of its match', t => {
  const one = cluster({ checker: 'mon', services: [marked(7, '192.0.2.1', ['198.51.100.1'])] });
  t.deepEqual(monitorLines(contentOf(renderDirector(one, ['mon']), MON_CF)), ['tcp.monitor -p 80 -t 3']);
});

test('every group has a name of its own, though what is replaced in it would make two alike', async t => {
  const services = [
    service('192.0.2.1:80', ['198.51.100.1'], { name: '192.0.2.2_80_tcp' }),
    service('192.0.2.2:80', ['198.51.100.1']),
  ];
  const mon = await startMon(
    t,
    contentOf(renderDirector(cluster({ checker: 'mon', services }), ['mon']), MON_CF),
  );
  t.is(mon.complaints, '');
  t.deepEqual(mon.watches(), [
    '192.0.2.2_80_tcp_198.51.100.1_80 tcp',
    '192.0.2.2_80_tcp_198.51.100.1_80_2 tcp',
  ]);
});

test('a fragment has the watches and leaves the settings to the owner of the file', t => {
  const files = renderDirector(everyCheck, ['mon'], { fragment: path => path === MON_CF });
  t.is(files.get(MON_CF)!.kind, 'block');
  t.notRegex(contentOf(files, MON_CF), /^\w+ +=/m);
  t.regex(contentOf(files, MON_CF), /^watch /m);
});

test('the files go where the description has them, and the unit is told', t => {
  const mon = {
    config: '/srv/mon/mon.cf',
    base: '/srv/mon',
    monitors: '/srv/mon/m:/usr/lib/mon/mon.d',
    alerts: '/srv/mon/a',
  };
  const files = renderDirector(cluster({ checker: 'mon', mon }), ['mon']);
  t.deepEqual(
    [...files.keys()],
    ['/srv/mon/mon.cf', '/srv/mon/m/lvs.monitor', '/srv/mon/a/lvs.alert', PLACES.monDropIn],
  );
  t.regex(bodyOf(files, PLACES.monDropIn), /^ExecStart=\nExecStart=\/usr\/sbin\/mon -c \/srv\/mon\/mon.cf$/m);
  t.regex(contentOf(files, '/srv/mon/mon.cf'), /^mondir +=.*\/srv\/mon\/m:\/usr\/lib\/mon\/mon.d$/m);
});

test('without checker mon nothing of it is rendered', t => {
  t.is(renderDirector(cluster({ checker: 'keepalived' }), ['mon']).size, 0);
});

test('the programs are copied as they are, below their line of origin', t => {
  const text = contentOf(renderDirector(everyCheck, ['mon']), '/usr/lib/mon/mon.d/lvs.monitor');
  const [first, second, ...rest] = text.split('\n');
  t.regex(second!, /^# Generated by lvsctl from lvs\.yaml; sha256 of the rest: [0-9a-f]{64}$/);
  t.is([first, ...rest].join('\n'), readFileSync('templates/mon/lvs.monitor', 'utf8'));
});
