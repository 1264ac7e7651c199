import type { Cluster } from '../../cluster/cluster.js';
import type { LabHost } from '../topology.js';
import { type Act, actOf } from './drill.js';
import { directorActs } from './directors.js';
import { neighbourAct } from './neighbours.js';
import { pathAct } from './path.js';
import { persistenceDrills } from './persistence.js';
import { serverActs } from './servers.js';
import { tableDrills } from './table.js';
import { trafficDrills } from './traffic.js';

/** All drills that fit a cluster, in the order in which they are run. */
export function drillsOf(cluster: Cluster, hosts: readonly LabHost[]): Act[] {
  const acts = [
    ...tableDrills(cluster, hosts).map(actOf),
    neighbourAct(cluster),
    ...trafficDrills(cluster).map(actOf),
    pathAct(cluster),
    ...persistenceDrills(cluster).map(actOf),
    ...serverActs(cluster, hosts),
    ...directorActs(cluster, hosts),
  ];
  return acts.filter(one => one.drills.length > 0);
}
