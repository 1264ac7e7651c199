import test from 'ava';
import type { Cluster, Failover } from '../../src/cluster/cluster.js';
import { PLACES } from '../../src/render/places.js';
import { cluster, ESTEPE, MIDAS } from '../support/clusters.js';
import { bodyOf, renderDirector } from '../support/rendered.js';

const KEY = 'f00d'.repeat(16);

function pair(changes: Partial<Failover> = {}, rest: Partial<Cluster> = {}): Cluster {
  return cluster({
    failover: { ...cluster().failover, by: 'heartbeat', syncConnections: true, ...changes },
    ...rest,
  });
}

/** The directives of a file, without comments and with single blanks. */
function directives(text: string): string[] {
  return text
    .split('\n')
    .filter(line => line !== '' && !line.startsWith('#'))
    .map(line => line.replace(/ +/g, ' '));
}

test("the original's timings are the defaults, and the files are the same on both directors", t => {
  const files = (director = MIDAS): Map<string, unknown> =>
    renderDirector(pair(), ['heartbeat'], { director, failoverKey: KEY });
  t.deepEqual(files(MIDAS), files(ESTEPE));
  const rendered = renderDirector(pair(), ['heartbeat'], { failoverKey: KEY });
  t.deepEqual(directives(bodyOf(rendered, PLACES.haCf)), [
    'debugfile /var/log/ha-debug',
    'logfile /var/log/ha-log',
    'use_logd off',
    'crm off',
    'keepalive 2',
    'warntime 10',
    'deadtime 30',
    'initdead 120',
    'udpport 694',
    'bcast eth0',
    'auto_failback off',
    'node midas',
    'node estepe',
  ]);
  t.deepEqual(directives(bodyOf(rendered, PLACES.haResources)), ['midas director.lvs.dr']);
});

test('short times are in milliseconds, each link has its line, and preemption is a choice', t => {
  const heartbeat = { keepalive: 200, warntime: 1500, deadtime: 2000, initdead: 60_000, udpPort: 6940 };
  const files = renderDirector(pair({ heartbeat, links: ['eth1', 'eth2'], preempt: true }), ['heartbeat'], {
    failoverKey: KEY,
  });
  const lines = directives(bodyOf(files, PLACES.haCf));
  const wanted = [
    'keepalive 200ms',
    'warntime 1500ms',
    'deadtime 2',
    'initdead 60',
    'udpport 6940',
    'bcast eth1',
    'bcast eth2',
    'auto_failback on',
  ];
  t.deepEqual(lines.slice(4, -2), wanted);
});

test('the key is in authkeys and in its own file, secret, whatever characters it has', t => {
  const key = `#'"$(x)\`\\{{key}}&<>${'x'.repeat(16)}`;
  const files = renderDirector(pair({ keyFile: '/srv/a.key' }), ['heartbeat'], { failoverKey: key });
  t.deepEqual(directives(bodyOf(files, PLACES.authKeys)), ['auth 1', `1 sha1 ${key}`]);
  t.like(files.get(PLACES.authKeys), { mode: 0o600, secret: true });
  t.deepEqual(files.get('/srv/a.key'), { kind: 'key', path: '/srv/a.key', content: key });
  t.deepEqual(
    [...files.values()].filter(
      file => file.kind === 'file' && file.path !== PLACES.authKeys && file.content.includes(key),
    ),
    [],
  );
});

test('without a key, as in a dry run, authkeys is named but has no content that heartbeat would refuse', t => {
  const files = renderDirector(pair(), ['heartbeat']);
  t.deepEqual(files.get(PLACES.authKeys), { kind: 'key', path: PLACES.authKeys, content: undefined });
  t.deepEqual(files.get('/etc/lvsctl/failover.key'), {
    kind: 'key',
    path: '/etc/lvsctl/failover.key',
    content: undefined,
  });
});

test('heartbeat finds the resource by a link to the script', t => {
  t.deepEqual(renderDirector(pair(), ['heartbeat']).get('/etc/ha.d/resource.d/director.lvs.dr'), {
    kind: 'link',
    path: '/etc/ha.d/resource.d/director.lvs.dr',
    target: PLACES.directorScript,
  });
});

test("in place both directors are a block of the host's own file, in a tree a file beside it", t => {
  const directors = [{ ...MIDAS, address6: '2001:db8:45::23' }, ESTEPE];
  const expected = `# The directors, by the names that heartbeat calls them.
192.168.45.23    midas
2001:db8:45::23  midas
192.168.45.204   estepe
`;
  const block = renderDirector(pair({}, { directors }), ['heartbeat']);
  t.like(block.get('/etc/hosts'), { kind: 'block', content: expected });
  t.false(block.has(PLACES.hostsFragment));
  const tree = renderDirector(pair({}, { directors }), ['heartbeat'], { tree: true });
  t.is(bodyOf(tree, PLACES.hostsFragment), expected);
  t.false(tree.has('/etc/hosts'));
});

test('without heartbeat as the failover there is nothing', t => {
  for (const by of ['none', 'vrrp'] as const) {
    t.is(renderDirector(pair({ by }), ['heartbeat'], { failoverKey: KEY, tree: true }).size, 0);
  }
});
