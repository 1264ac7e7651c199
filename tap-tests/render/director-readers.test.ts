import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { CHECKERS, type Cluster, FAILOVERS } from '../../src/cluster/cluster.js';
import { DEFAULT_POLLING } from '../../src/cluster/defaults.js';
import type { Artifact } from '../../src/render/output.js';
import { PLACES } from '../../src/render/places.js';
import { sampleClusters } from '../../src/render/sample.js';
import { cluster, marked, server, service } from '../support/clusters.js';
import { DirectorHost } from '../support/director-host.js';
import { reader } from '../support/readers.js';
import { bodyOf, contentOf, renderDirector } from '../support/rendered.js';

const HOSTILE = 'a\'b"; touch /tmp/pwned; $(touch /tmp/pwned) `x` \\ {{x}} %s\n}\nEND\nx';

/** Between them every kind of director: each failover with each checker, with much and with little. */
function kinds(): { title: string; files: Map<string, Artifact> }[] {
  const web = service('192.168.45.26:80', ['192.168.45.13']);
  const rich = sampleClusters().filter(one => one.realServers.vipOn === 'lo');
  const poor = FAILOVERS.flatMap(by =>
    CHECKERS.map(checker =>
      cluster({
        checker,
        services: [web],
        failover: { ...cluster().failover, by, syncConnections: by !== 'none' },
      }),
    ),
  );
  const odd = [
    cluster({ services: [] }),
    cluster({
      directors: [],
      services: [web, { ...web, ...service('[2001:db8::26]:80', []), name: HOSTILE }],
    }),
    cluster({ services: [{ ...marked(7, '192.168.45.28', ['192.168.45.13']), name: HOSTILE }] }),
    cluster({ services: [service('[2001:db8::26]:80', ['2001:db8::13'])] }),
  ];
  return [...rich, ...poor, ...odd].map((one, index) => ({
    title: `${index}: ${one.checker} ${one.failover.by}`,
    files: renderDirector(one, ['director', 'ipvsadm', 'heartbeat'], {
      tree: true,
      serves: true,
      failoverKey: 'k'.repeat(16),
    }),
  }));
}

function folder(t: ExecutionContext): string {
  const path = mkdtempSync(join(tmpdir(), 'rendered-'));
  t.teardown(() => rmSync(path, { recursive: true }));
  return path;
}

test('every rendered script is good to the shell and to shellcheck, for every kind of director', t => {
  const scripts = new Map<string, string>();
  for (const { title, files } of kinds()) {
    for (const path of [PLACES.directorScript, PLACES.fillTable]) {
      if (files.has(path)) scripts.set(contentOf(files, path), `${title} ${path}`);
    }
  }
  t.true(scripts.size > 20);
  const where = folder(t);
  const paths = [...scripts].map(([text, title], index) => {
    const path = join(where, `${index}`);
    writeFileSync(path, text);
    const { status, stderr } = spawnSync('sh', ['-n', path], { encoding: 'utf8' });
    t.deepEqual([status, stderr], [0, ''], title);
    return path;
  });
  const { status, stdout, stderr } = spawnSync(reader('shellcheck'), ['-s', 'sh', ...paths], {
    encoding: 'utf8',
  });
  t.deepEqual([status, stdout, stderr], [0, '', '']);
});

test('nft takes the marks, also when they are there already, and knows each rule', async t => {
  const services = [
    marked(7, '192.168.45.28', ['192.168.45.13']),
    { ...marked(4_294_967_295, '2001:db8:45::28', ['2001:db8:45::13']), name: HOSTILE },
  ];
  const host = await DirectorHost.create(t, renderDirector(cluster({ services }), ['director']));
  for (const options of [['-c'], [], []]) {
    const { code, err } = host.run(['nft', ...options, '-f', PLACES.marks]);
    t.deepEqual([code, err], [0, '']);
  }
  const rules = host.sh("nft -nn list table inet lvsctl_marks | grep daddr | sed 's/^[ \t]*//'").split('\n');
  t.deepEqual(rules, [
    'ip daddr 192.168.45.28 tcp dport 80 meta mark set 0x00000007',
    'ip daddr 192.168.45.28 tcp dport 443 meta mark set 0x00000007',
    'ip daddr 192.168.45.28 meta l4proto 17 meta mark set 0x00000007',
    'ip6 daddr 2001:db8:45::28 tcp dport 80 meta mark set 0xffffffff',
    'ip6 daddr 2001:db8:45::28 tcp dport 443 meta mark set 0xffffffff',
    'ip6 daddr 2001:db8:45::28 meta l4proto 17 meta mark set 0xffffffff',
  ]);
  t.is(host.sh('ls /tmp'), '');
});

test('systemd has nothing to say about the unit, for every kind of director', async t => {
  const host = await DirectorHost.create(t);
  host.program('nft', '#!/bin/sh\n');
  host.sh(
    '[ -e /usr/sbin/nft ] || { mkdir -p /tmp/empty; mount -t tmpfs tmpfs /usr/sbin; cp /usr/local/sbin/nft /usr/sbin; }',
  );
  for (const { title, files } of kinds()) {
    host.install(
      new Map([...files].filter(([path]) => path === PLACES.directorUnit || path === PLACES.directorScript)),
    );
    const { code, out, err } = host.run(['systemd-analyze', 'verify', '--man=no', PLACES.directorUnit]);
    t.deepEqual([code, out, err], [0, '', ''], title);
  }
});

test('the unit starts the director, before keepalived or heartbeat where they give the addresses', t => {
  const unit = (changes: Partial<Cluster>): string =>
    bodyOf(renderDirector(cluster(changes), ['director']), PLACES.directorUnit);
  const by = (name: 'none' | 'vrrp' | 'heartbeat'): Partial<Cluster> => ({
    failover: { ...cluster().failover, by: name },
  });
  t.regex(
    unit(by('none')),
    /^ExecStart=\/etc\/init\.d\/director\.lvs\.dr start\nExecStop=\/etc\/init\.d\/director\.lvs\.dr stop$/m,
  );
  t.notRegex(unit(by('none')), /^Before=/m);
  t.regex(
    unit(by('none')),
    /^ExecStartPre=-\/bin\/sh -c '.*; modprobe ip_vs; exec lvsctl tick'\nExecStart=/m,
  );
  t.regex(unit(by('vrrp')), /^Before=keepalived\.service\n[^]*^ExecStart=\S+ start$/m);
  t.regex(unit(by('heartbeat')), /^Before=heartbeat\.service\n[^]*^ExecStart=\S+ standby$/m);
  t.notRegex(unit(by('heartbeat')), /^ExecStop=/m);
  t.regex(
    unit({ ...by('heartbeat'), checker: 'keepalived' }),
    /^Before=keepalived\.service\nBefore=heartbeat\.service$/m,
  );
});

test('the sysctl file has what the cluster needs, and no more', t => {
  const settings = (changes: Partial<Cluster>, serves = false): string[] =>
    bodyOf(renderDirector(cluster(changes), ['director'], { serves }), PLACES.directorSysctls)
      .split('\n')
      .filter(line => line !== '' && !line.startsWith('#'));
  const usual = ['net.ipv4.vs.expire_nodest_conn = 1', 'net.ipv4.vs.expire_quiescent_template = 1'];
  const pair = { ...cluster().failover, by: 'vrrp' as const, syncConnections: true };
  const sync = ['net.ipv4.vs.sync_threshold = 2 10', 'net.ipv4.vs.sync_refresh_period = 0'];
  t.deepEqual(settings({}, true), usual);
  t.deepEqual(settings({ failover: pair }), [...usual, ...sync]);
  t.deepEqual(settings({ failover: pair }, true), [...usual, ...sync, 'net.ipv4.vs.backup_only = 1']);
  t.deepEqual(settings({ failover: { ...pair, by: 'none' } }, true), usual);
  const nat = service('192.168.45.27:80', [], { servers: [server('10.0.70.4', { forwarding: 'nat' })] });
  const inner = { address: '10.0.70.2', prefix: 24, interface: 'eth1.70' };
  const director = { ...cluster().directors[0]!, inner };
  t.deepEqual(settings({ directors: [director], services: [nat] }), [
    ...usual,
    'net.ipv4.ip_forward = 1',
    'net.ipv4.conf.all.send_redirects = 0',
    'net/ipv4/conf/eth1.70/send_redirects = 0',
  ]);
  const ping = service('192.168.45.26:0', ['192.168.45.13'], {
    check: { type: 'ping', interval: 1000, timeout: 1000, retries: 1 },
  });
  t.deepEqual(settings({ checker: 'keepalived', services: [ping] }), [
    ...usual,
    'net.ipv4.ping_group_range = 0 2147483647',
  ]);
  t.deepEqual(settings({ checker: 'mon', services: [ping] }), usual);
});

test('the modules are those of the schedulers, helpers and engines in use, and their options are module options', t => {
  const persistence = { timeout: 300_000, netmask: 32, engine: 'sip' as const };
  const services = [
    service('192.168.45.26:80', [], { scheduler: 'wrr' }),
    service('192.168.45.26:81', [], { scheduler: 'mh' }),
    service('192.168.45.26:82', [], { scheduler: 'wrr', persistence }),
  ];
  const files = renderDirector(
    cluster({ services, ipvs: { ...cluster().ipvs, ftpHelper: true, tableBits: 20 } }),
    ['director'],
  );
  const lines = (path: string): string[] =>
    bodyOf(files, path)
      .split('\n')
      .filter(line => /^[a-z]/.test(line));
  t.deepEqual(lines(PLACES.modules), ['ip_vs', 'ip_vs_wrr', 'ip_vs_mh', 'ip_vs_ftp', 'ip_vs_pe_sip']);
  t.deepEqual(lines(PLACES.moduleOptions), ['options ip_vs conn_tab_bits=20', 'options ip_vs_ftp ports=21']);
  t.regex(
    contentOf(files, PLACES.directorScript),
    /^modules='ip_vs ip_vs_wrr ip_vs_mh ip_vs_ftp ip_vs_pe_sip'$/m,
  );
  const few = renderDirector(cluster({ services: [] }), ['director']);
  t.deepEqual(
    bodyOf(few, PLACES.modules)
      .split('\n')
      .filter(line => /^[a-z]/.test(line)),
    ['ip_vs'],
  );
});

test('cron polls once, or for most of a minute where the schedule has seconds', t => {
  const line = (schedule: string): string | undefined =>
    bodyOf(
      renderDirector(cluster({ polling: { ...DEFAULT_POLLING, schedule } }), ['director']),
      PLACES.pollCron,
    )
      .split('\n')
      .at(-2);
  t.is(line('* * * * *'), '* * * * * root lvsctl poll --once >/dev/null');
  t.is(line('*/5 * * * * *'), '* * * * * root lvsctl poll --for 55s >/dev/null');
  t.is(line('*/10 8-10 * * mon'), '*/10 8,9,10 * * 1 root lvsctl poll --once >/dev/null');
  t.false(renderDirector(cluster(), ['director']).has(PLACES.pollCron));
});

test('a cluster without marks has no file of marks, and its script needs no nft', t => {
  const files = renderDirector(cluster(), ['director', 'ipvsadm']);
  t.false(files.has(PLACES.marks));
  t.notRegex(contentOf(files, PLACES.directorScript), /nft/);
});

test('the same cluster always renders the same', t => {
  t.deepEqual(kinds(), kinds());
});
