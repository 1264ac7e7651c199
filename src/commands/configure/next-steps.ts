import type { Cluster } from '../../cluster/cluster.js';
import type { Machine } from '../../cluster/machines.js';

/** What the administrator does after files were written in place, command by command. */
export function nextSteps(cluster: Cluster, machine: Machine): string {
  const steps: string[] = ['systemctl daemon-reload'];
  const director = machine.director !== undefined || machine.anonymousDirector;
  if (director) {
    steps.push('systemctl enable --now lvsctl-director.service');
    if (cluster.checker === 'keepalived' || cluster.failover.by === 'vrrp') {
      if (cluster.checker === 'keepalived') steps.push('systemctl enable lvsctl-after-keepalived.service');
      steps.push('systemctl enable --now keepalived.service');
    }
    if (cluster.checker === 'mon')
      steps.push('systemctl enable mon.service', 'systemctl restart mon.service');
    if (cluster.failover.by === 'heartbeat') steps.push('systemctl enable --now heartbeat.service');
  }
  if (machine.realServer) steps.push('systemctl enable --now lvs-realserver.service');
  return `Nothing was started. To put it to work:\n${steps.map(step => `  ${step}\n`).join('')}`;
}
