import type { Cluster } from '../../cluster/cluster.js';
import type { LabHost } from '../topology.js';
import { type Act, actOf } from './drill.js';
import { neighbourDrills } from './neighbours.js';
import { tableDrills } from './table.js';
import { trafficDrills } from './traffic.js';

/** All drills that fit a cluster, in the order in which they are run. */
export function drillsOf(cluster: Cluster, hosts: readonly LabHost[]): Act[] {
  const single = [...tableDrills(cluster, hosts), ...neighbourDrills(cluster), ...trafficDrills(cluster)];
  return single.map(actOf);
}
