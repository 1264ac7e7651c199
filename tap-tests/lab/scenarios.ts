import { directorScript } from './scenarios/director-script.js';
import { directRouting } from './scenarios/direct-routing.js';
import { forwarding } from './scenarios/forwarding.js';
import { heartbeat } from './scenarios/heartbeat.js';
import { keepalived } from './scenarios/keepalived.js';
import { kernelTable } from './scenarios/kernel-table.js';
import { mon } from './scenarios/mon.js';
import { table } from './scenarios/table.js';
import { udpPastTheDirector } from './scenarios/udp-past-the-director.js';
import type { Scenario } from './harness.js';

const SCENARIOS: readonly Scenario[] = [
  directRouting,
  table,
  kernelTable,
  directorScript,
  udpPastTheDirector,
  forwarding,
  keepalived,
  mon,
  heartbeat,
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
