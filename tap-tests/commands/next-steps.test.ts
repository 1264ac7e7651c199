import test from 'ava';
import type { Cluster } from '../../src/cluster/cluster.js';
import { DEFAULT_FAILOVER } from '../../src/cluster/defaults.js';
import { nextSteps } from '../../src/commands/configure/next-steps.js';
import { TARGETS, type TargetName } from '../../src/render/target-names.js';
import { cluster, MIDAS } from '../support/clusters.js';

const DIRECTOR = { director: MIDAS, anonymousDirector: false, realServer: false };

function steps(changes: Partial<Cluster>, targets: readonly TargetName[] = TARGETS): string[] {
  const text = nextSteps(cluster(changes), DIRECTOR, targets);
  return [...text.matchAll(/^ {2}(.*)$/gm)].map(one => one[1]!);
}

test('daemons that may run already with other settings are restarted, after the director', t => {
  const failover = (by: 'vrrp' | 'heartbeat') => ({ ...DEFAULT_FAILOVER, by });
  t.deepEqual(steps({ checker: 'keepalived', failover: failover('vrrp') }), [
    'systemctl daemon-reload',
    'systemctl enable --now lvsctl-director.service',
    'systemctl enable keepalived.service lvsctl-after-keepalived.service',
    'systemctl restart keepalived.service',
  ]);
  t.deepEqual(steps({ checker: 'mon', failover: failover('heartbeat') }).slice(2), [
    'systemctl enable mon.service',
    'systemctl restart mon.service',
    'systemctl enable heartbeat.service',
    'systemctl restart heartbeat.service',
  ]);
});

test('only what was written is put to work', t => {
  t.deepEqual(steps({ checker: 'mon' }, ['ipvsadm', 'director']), [
    'systemctl daemon-reload',
    'systemctl enable --now lvsctl-director.service',
  ]);
});
