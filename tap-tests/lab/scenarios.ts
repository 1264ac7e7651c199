import { agent } from './scenarios/agent.js';
import { alertPair } from './scenarios/alert-pair.js';
import { alertSpeed } from './scenarios/alert-speed.js';
import { apply, applyBack, applyHundred, applyKilled } from './scenarios/apply.js';
import { changeChecker } from './scenarios/change-checker.js';
import { connectionSync } from './scenarios/connection-sync.js';
import { directRouting } from './scenarios/direct-routing.js';
import { directorScript } from './scenarios/director-script.js';
import { directorVerb } from './scenarios/director-verb.js';
import { doctorDirector } from './scenarios/doctor-director.js';
import { doctorHeartbeat, doctorVrrp } from './scenarios/doctor-pair.js';
import { doctorRealserver } from './scenarios/doctor-realserver.js';
import { drain, drainTimes } from './scenarios/drain.js';
import { edit } from './scenarios/edit.js';
import { exampleCampus, exampleEveryKey, examplesClassic } from './scenarios/examples.js';
import { failbackVrrp } from './scenarios/failback-vrrp.js';
import { failoverVrrp } from './scenarios/failover-vrrp.js';
import { forwarding } from './scenarios/forwarding.js';
import { heartbeatPair } from './scenarios/heartbeat-pair.js';
import { heartbeat } from './scenarios/heartbeat.js';
import { hosts } from './scenarios/hosts.js';
import { keepalivedOwner } from './scenarios/keepalived-owner.js';
import { keepalivedChecks } from './scenarios/keepalived-checks.js';
import { keepalived } from './scenarios/keepalived.js';
import { kernelTable } from './scenarios/kernel-table.js';
import { monMonitors } from './scenarios/mon-monitors.js';
import { monTable } from './scenarios/mon-table.js';
import { mon } from './scenarios/mon.js';
import { packetFilter } from './scenarios/packet-filter.js';
import { persistence } from './scenarios/persistence.js';
import { pollClassic } from './scenarios/poll-classic.js';
import { pollFailover } from './scenarios/poll-failover.js';
import { rates, ratesAtLength } from './scenarios/rates.js';
import { rehearseChange } from './scenarios/rehearse-change.js';
import { rehearse, rehearseMon } from './scenarios/rehearse.js';
import { reliability, reliabilityAtLength } from './scenarios/reliability.js';
import { status } from './scenarios/status.js';
import { story } from './scenarios/story.js';
import {
  realServerSetup,
  realServerSetupDirector,
  realServerSetupPlaces,
} from './scenarios/realserver-setup.js';
import { realServerTree, realServerTreeDummy } from './scenarios/realserver-tree.js';
import { table } from './scenarios/table.js';
import { udpPastTheDirector } from './scenarios/udp-past-the-director.js';
import { unitsDirector, unitsDirectorBoot } from './scenarios/units-director.js';
import { unitsHeartbeat } from './scenarios/units-heartbeat.js';
import { unitsChecker, unitsCheckerHindered } from './scenarios/units-checker.js';
import { unitsKeepalived } from './scenarios/units-keepalived.js';
import { unitsMon } from './scenarios/units-mon.js';
import { applySpeed } from './scenarios/apply-speed.js';
import {
  unitsRealServer,
  unitsRealServerFilter,
  unitsRealServerSetup,
} from './scenarios/units-realserver.js';
import { weightsProof } from './scenarios/weights-proof.js';
import type { Scenario } from './harness.js';

const SCENARIOS: readonly Scenario[] = [
  // The longest first, so that none of them is left to run by itself at the end.
  applyBack,
  applyKilled,
  unitsDirectorBoot,
  unitsDirector,
  unitsChecker,
  unitsCheckerHindered,
  directorVerb,
  doctorDirector,
  doctorHeartbeat,
  doctorVrrp,
  doctorRealserver,
  drain,
  drainTimes,
  edit,
  heartbeatPair,
  kernelTable,
  rehearse,
  rehearseMon,
  rehearseChange,
  examplesClassic,
  unitsRealServerFilter,
  unitsRealServerSetup,
  unitsHeartbeat,
  realServerSetup,
  realServerSetupDirector,
  realServerSetupPlaces,
  realServerTreeDummy,
  realServerTree,
  heartbeat,
  unitsMon,
  unitsRealServer,
  unitsKeepalived,
  agent,
  reliability,
  alertPair,
  apply,
  status,
  monMonitors,
  monTable,
  persistence,
  packetFilter,
  connectionSync,
  story,
  exampleEveryKey,
  exampleCampus,
  failbackVrrp,
  keepalivedChecks,
  keepalivedOwner,
  changeChecker,
  mon,
  failoverVrrp,
  directorScript,
  forwarding,
  keepalived,
  directRouting,
  table,
  udpPastTheDirector,
  rates,
  ratesAtLength,
  applyHundred,
  applySpeed,
  alertSpeed,
  pollClassic,
  pollFailover,
  ...reliabilityAtLength,
  ...weightsProof,
  hosts,
];

/** The scenarios that the command line names; without any those of `npm test`, with `all` every one. */
export function chosen(names: readonly string[]): readonly Scenario[] {
  if (names.includes('all')) return SCENARIOS;
  const unknown = names.filter(name => !SCENARIOS.some(one => one.name === name));
  if (unknown.length > 0) {
    const all = SCENARIOS.map(one => one.name).join(', ');
    console.error(`lab: no such scenario: ${unknown.join(', ')}; there are all, ${all}`);
    process.exit(64);
  }
  return SCENARIOS.filter(one => (names.length === 0 ? !one.onlyNamed : names.includes(one.name)));
}
