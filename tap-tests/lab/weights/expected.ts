import { Heap } from '../../../src/weights/simulator/heap.js';
import { type Destination, rr, wlc, wrr } from '../../../src/weights/simulator/kernel.js';
import { timesOf } from './figures.js';
import { type Due, type Ended, requestsOf } from './load.js';
import type { Plan } from './measure.js';
import { type Policy, serverName, SPEEDS } from './policies.js';

/** Seconds that the kernel keeps a connection that its client has ended (TCP_FIN_WAIT of ip_vs_proto_tcp.c). */
const FIN_WAIT = 120;

/** p99 in milliseconds of what was measured by a plan, as it is computed; undefined where weights or speeds change. */
export function expectedP99(plan: Plan, policy: Policy): number | undefined {
  const { warmUp, measured, patience, isSlowed } = plan;
  if (policy.by !== undefined || isSlowed) return undefined;
  const end = warmUp + measured;
  const requests = requestsOf({ ...plan, length: end });
  return timesOf(expected(policy, requests, patience), warmUp, end, patience).p99;
}

/**
 * What becomes of requests under weights that stay, on a machine where nothing but the work takes time: beside it one sees
 * what the lab's own slowness does.
 *
 * @param patience seconds that a client waits
 */
export function expected(
  { scheduler, weights }: Policy,
  requests: readonly Due[],
  patience: number,
): Ended[] {
  const table: Destination[] = weights.map(weight => ({ weight, active: 0, inactive: 0, connections: 0 }));
  const kernel = { rr, wlc, wrr }[scheduler](table);
  const free = SPEEDS.map(() => 0);
  const ends = new Heap<{ readonly server: number; readonly isInactive: boolean }>();
  return requests.map(({ at, work }) => {
    while (ends.rank <= at) {
      const when = ends.rank;
      const { server, isInactive } = ends.pop()!;
      if (isInactive) table[server]!.inactive--;
      else {
        table[server]!.active--;
        table[server]!.inactive++;
        ends.push(when + FIN_WAIT, { server, isInactive: true });
      }
    }
    const server = kernel.pick();
    table[server]!.active++;
    const begin = Math.max(at, free[server]!);
    // A client that gives up before it is his turn costs no work; one that does later costs all of it.
    const isGone = begin - at >= patience;
    if (!isGone) free[server] = begin + work / SPEEDS[server]!;
    const took = isGone ? patience : Math.min(patience, free[server]! - at);
    ends.push(at + took, { server, isInactive: false });
    return { due: at, took, late: 0, by: took < patience ? serverName(SPEEDS[server]!) : undefined };
  });
}
