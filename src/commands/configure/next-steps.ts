import { agentPlaces } from '../../cluster/agents.js';
import type { Cluster } from '../../cluster/cluster.js';
import type { Machine } from '../../cluster/machines.js';
import type { TargetName } from '../../render/target-names.js';

/**
 * What the administrator does after files of these targets were written in place, command by command. Daemons of
 * Debian's packages may run already, without our settings: so they are restarted.
 */
export function nextSteps(cluster: Cluster, machine: Machine, targets: readonly TargetName[]): string {
  const { checker, failover } = cluster;
  const steps: string[] = ['systemctl daemon-reload'];
  const director = machine.director !== undefined || machine.anonymousDirector;
  const made = (target: TargetName): boolean => director && targets.includes(target);
  if (made('director')) steps.push('systemctl enable --now lvsctl-director.service');
  if (made('keepalived') && (checker === 'keepalived' || failover.by === 'vrrp')) {
    const after = checker === 'keepalived' ? ' lvsctl-after-keepalived.service' : '';
    steps.push(`systemctl enable keepalived.service${after}`, 'systemctl restart keepalived.service');
  }
  if (made('mon') && checker === 'mon')
    steps.push('systemctl enable mon.service', 'systemctl restart mon.service');
  if (made('heartbeat') && failover.by === 'heartbeat')
    steps.push('systemctl enable heartbeat.service', 'systemctl restart heartbeat.service');
  if (machine.realServer && targets.includes('realserver')) {
    steps.push('systemctl enable --now lvs-realserver.service');
    // Restarted, for the ports and the directors may be others than before.
    if (agentPlaces(cluster).ports.length > 0 && machine.host?.agent !== 'none')
      steps.push('systemctl enable uptimesrv.socket', 'systemctl restart uptimesrv.socket');
  }
  return `Nothing was started. To put it to work:\n${steps.map(step => `  ${step}\n`).join('')}`;
}
