import type { Cluster } from '../cluster/cluster.js';
import type { DirectorInput, DirectorTarget, Output, RealServerTarget } from './output.js';
import { sampleClusters } from './sample.js';
import { TARGETS, type TargetName } from './target-names.js';
import { merge, type Shape, shapeOf } from './shape.js';
import { directorTarget } from './targets/director.js';
import { heartbeatTarget } from './targets/heartbeat.js';
import { ipvsadmTarget } from './targets/ipvsadm.js';
import { keepalivedTarget } from './targets/keepalived.js';
import { monTarget } from './targets/mon.js';
import { realServerTarget } from './targets/realserver.js';

const DIRECTOR_TARGETS: Readonly<Record<Exclude<TargetName, 'realserver'>, DirectorTarget>> = {
  ipvsadm: ipvsadmTarget,
  mon: monTarget,
  keepalived: keepalivedTarget,
  heartbeat: heartbeatTarget,
  director: directorTarget,
};
const REAL_SERVER_TARGET: RealServerTarget = realServerTarget;

/** All files of a director, of the wanted targets only; a director that serves has the real servers' too. */
export function directorOutputs(input: DirectorInput, wanted: readonly TargetName[] = TARGETS): Output[] {
  const outputs = wanted.flatMap(name => (name === 'realserver' ? [] : [...DIRECTOR_TARGETS[name](input)]));
  return input.serves ? [...outputs, ...realServerOutputs(input.cluster, wanted)] : outputs;
}

export function realServerOutputs(cluster: Cluster, wanted: readonly TargetName[] = TARGETS): Output[] {
  return wanted.includes('realserver') ? [...REAL_SERVER_TARGET(cluster)] : [];
}

/** What each template of these targets may name, read off view-models that have everything. */
export function templateShapes(wanted: readonly TargetName[] = TARGETS): Map<string, Shape> {
  const shapes = new Map<string, Shape>();
  for (const cluster of sampleClusters()) {
    for (const fragment of [true, false]) {
      const [director] = cluster.directors;
      const input = {
        cluster,
        director,
        serves: true,
        tree: true,
        fragment: () => fragment,
        failoverKey: 'key',
      };
      for (const output of directorOutputs(input, wanted)) {
        if (output.kind !== 'file' && output.kind !== 'block') continue;
        const shape = shapeOf(output.view);
        const before = shapes.get(output.template);
        shapes.set(output.template, before ? merge(before, shape) : shape);
      }
    }
  }
  return shapes;
}
