import { connectionSync } from './scenarios/connection-sync.js';
import { directorScript } from './scenarios/director-script.js';
import { directRouting } from './scenarios/direct-routing.js';
import { failbackVrrp } from './scenarios/failback-vrrp.js';
import { failoverVrrp } from './scenarios/failover-vrrp.js';
import { forwarding } from './scenarios/forwarding.js';
import { heartbeat } from './scenarios/heartbeat.js';
import { heartbeatPair } from './scenarios/heartbeat-pair.js';
import { keepalived } from './scenarios/keepalived.js';
import { keepalivedChecks } from './scenarios/keepalived-checks.js';
import { mon } from './scenarios/mon.js';
import { monMonitors } from './scenarios/mon-monitors.js';
import { persistence } from './scenarios/persistence.js';
import { rehearse } from './scenarios/rehearse.js';
import { story } from './scenarios/story.js';
import { table } from './scenarios/table.js';
import { udpPastTheDirector } from './scenarios/udp-past-the-director.js';
import type { Scenario } from './harness.js';

const SCENARIOS: readonly Scenario[] = [
  directRouting,
  table,
  directorScript,
  udpPastTheDirector,
  forwarding,
  persistence,
  keepalived,
  keepalivedChecks,
  failoverVrrp,
  failbackVrrp,
  connectionSync,
  mon,
  monMonitors,
  heartbeat,
  heartbeatPair,
  story,
  rehearse,
];

/** The scenarios that the command line names, or all. */
export function chosen(names: readonly string[]): readonly Scenario[] {
  const unknown = names.filter(name => !SCENARIOS.some(one => one.name === name));
  if (unknown.length > 0) {
    const all = SCENARIOS.map(one => one.name).join(', ');
    console.error(`lab: no such scenario: ${unknown.join(', ')}; there are ${all}`);
    process.exit(64);
  }
  return SCENARIOS.filter(one => names.length === 0 || names.includes(one.name));
}
