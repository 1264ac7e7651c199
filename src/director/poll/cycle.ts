import type { Cluster, Polling } from '../../cluster/cluster.js';
import { type Kept, readKept, writeEstimator } from '../../state/estimator.js';
import { lockFile } from '../../state/lock.js';
import { type Moment, momentNow } from '../../state/moment.js';
import type { Stamp } from '../../state/operator.js';
import { putAside } from '../../state/documents.js';
import { POLL_LOCK } from '../../state/paths.js';
import { type Measured, readMeasured, writeMeasured } from '../../state/polling.js';
import { overlayAt } from '../../state/overlay.js';
import type { Overlay } from '../../table/overlay.js';
import type { Ports } from '../../system/ports.js';
import { control, type Outcome } from '../../weights/controller.js';
import type { State } from '../../weights/poll.js';
import { type Door, keep, note, throughDoor, type Visitor } from '../door.js';
import { readCounters, readNow, readTable } from '../kernel.js';
import { operable } from '../operate.js';
import { directorRole } from '../role.js';
import { readRunning, targetFor } from '../running.js';
import { settleDue } from '../settle.js';
import { askAll, type Heard, machinesOf, probeAll } from './agents.js';
import { beginFrom } from './begin.js';
import { agentEvents, fileEvents, problemsOf } from './news.js';
import { periodOf } from './period.js';
import { polledServices, type Seen } from './question.js';

/** What a poll came to. */
export interface Polled extends Heard {
  readonly cluster: Cluster;
  readonly services: Outcome['services'];
}

/** Why nothing was asked. */
export type Idle = 'no-polling' | 'standby' | 'busy';

/** Asks all machines of a cluster, side by side; however many hang, it ends with the time-out. */
export async function listen({ net }: Ports, cluster: Cluster, polling: Polling): Promise<Heard> {
  const machines = machinesOf(cluster, polling);
  const [asked, latencies] = await Promise.all([
    askAll(net, machines, polling.timeout),
    probeAll(net, cluster, polling),
  ]);
  return { machines, asked, latencies };
}

/** The weights that answers lead to, from what is known. */
export function judge(
  cluster: Cluster,
  polling: Polling,
  { machines, asked, latencies }: Heard,
  known: {
    readonly state: State;
    readonly seen: Seen | undefined;
    readonly now: number;
    readonly overlay: Overlay;
  },
): Outcome {
  return control(known.state, {
    now: known.now,
    period: periodOf(polling.schedule),
    answers: new Map(
      [...asked].flatMap(([name, one]) => ('answer' in one ? [[name, one.answer] as const] : [])),
    ),
    cpus: new Map(machines.flatMap(({ name, cpus }) => (cpus === undefined ? [] : [[name, cpus] as const]))),
    services: polledServices(cluster, polling, known.seen, latencies, known.overlay),
  });
}

/**
 * One poll of what runs: asks without the lock, then brings the table to the new weights under it. Only the active
 * director does, and one poll at a time.
 *
 * @param local also on a standby
 * @returns what it came to, or why nothing was asked
 * @throws StateFailure, KernelFailure
 */
export async function poll(visitor: Visitor, local: boolean): Promise<Polled | Idle> {
  const { ports, warn } = visitor;
  const { files, clock } = ports;
  const lock = await lockFile(files, POLL_LOCK, `${visitor.pid}\n`, 0);
  if (!lock) return 'busy';
  try {
    const { cluster } = operable((await readRunning(files, await momentNow(files, clock), warn)).current);
    const { polling } = cluster;
    if (!polling) return 'no-polling';
    if (!local && (await directorRole(cluster, ports)).state === 'standby') return 'standby';
    const heard = await listen(ports, cluster, polling);
    return await throughDoor(visitor, door => act(door, heard));
  } finally {
    await lock.release();
  }
}

async function act(door: Door, heard: Heard): Promise<Polled | Idle> {
  const { ports, stamp } = door;
  const { files } = ports;
  const running = await settleDue(door);
  const { cluster, number } = operable(running.current);
  const { polling } = cluster;
  if (!polling) return 'no-polling';
  const { value: before, damage } = await readKept(files);
  if (damage) door.warn(`${damage.why}; it is kept as ${await putAside(files, damage.path)}`);
  const [now, counters] = await Promise.all([readNow(ports), readCounters(ports, 'stats')]);
  const known = knownOf(before, running.measured, cluster, stamp);
  const { state, services } = judge(cluster, polling, heard, {
    state: known,
    seen: { ...now, counters },
    now: stamp.now.up,
    overlay: running.overlay,
  });
  const silent = problemsOf(heard, known, stamp.now.up);
  const measured = measuredOf(services, running.measured, stamp.host, stamp.now);
  // The estimate first: a weight that is written without it would be taken for one that was in force before.
  const revision = later(before?.revision);
  const weighed = Object.fromEntries(services);
  await note(door, fileEvents(before, damage, running.measured));
  await writeEstimator(files, {
    host: stamp.host,
    revision,
    polled: stamp.now,
    control: state,
    weighed,
    silent,
  });
  await note(door, agentEvents(before?.silent ?? {}, silent, heard.asked));
  // On the disk before it is in the table: what runs next brings the table to it.
  await writeMeasured(files, measured);
  const target = targetFor(cluster, { ...running, overlay: overlayAt({ ...running, measured }, stamp.now) });
  await keep(door, number, target, await readTable(ports), { event: 'weighed', cause: 'what was measured' });
  return { ...heard, cluster, services };
}

/** What a poll begins with: what is kept of the last one, else its weights alone. */
function knownOf(
  kept: Kept | undefined,
  measured: Measured | undefined,
  cluster: Cluster,
  { host, now }: Stamp,
): State {
  return kept ? stateOf(kept, host, now) : beginFrom(measured, cluster, now.up);
}

/** Of another director, or another boot, neither the kernel's counters nor times mean anything here. */
function stateOf(kept: Kept, host: string, now: Moment): State {
  const { control: known, polled } = kept;
  if (polled.boot === now.boot && kept.host === host) return known;
  const hosts = Object.fromEntries(
    Object.entries(known.hosts).map(([name, { estimates, asks }]) => [
      name,
      { heard: now.up, estimates, ...(asks ? { asks } : {}) },
    ]),
  );
  const servers = Object.fromEntries(
    Object.entries(known.servers).map(([service, all]) => [
      service,
      Object.fromEntries(
        Object.entries(all).map(([server, { factor, weight, configured }]) => [
          server,
          { factor, weight, ...(configured === undefined ? {} : { configured }) },
        ]),
      ),
    ]),
  );
  return { hosts, servers };
}

/** A number that somebody has written by hand may be the last that there is. */
function later(revision = 0): number {
  return Math.min(revision + 1, Number.MAX_SAFE_INTEGER);
}

function measuredOf(
  services: Outcome['services'],
  old: Measured | undefined,
  host: string,
  { at }: Moment,
): Measured {
  const weights = [...services].flatMap(([service, servers]) =>
    servers.map(({ key, weight }) => ({ service, server: key, weight })),
  );
  return { weights, revision: later(old?.revision), host, at };
}

/** What is known, for a look that changes nothing. @throws StateFailure */
export async function knownBefore({ files }: Ports, cluster: Cluster, stamp: Stamp): Promise<State> {
  const [{ value: kept }, { value: measured }] = await Promise.all([readKept(files), readMeasured(files)]);
  return knownOf(kept, measured, cluster, stamp);
}
