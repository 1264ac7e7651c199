import type { Cluster } from '../cluster/cluster.js';
import type { Machine } from '../cluster/machines.js';
import { withHeld } from '../director/keepalived/held.js';
import { type HeldAddress, readAddresses } from '../director/host/held.js';
import { directorRole, type Role } from '../director/role.js';
import { readLive } from '../director/kernel.js';
import { readRunning, type Running } from '../director/running.js';
import type { Change } from '../install/change.js';
import type { Duties } from '../render/director/duties.js';
import { momentNow } from '../state/moment.js';
import type { Told } from '../realserver/script.js';
import type { Ports } from '../system/ports.js';
import type { Live } from '../table/table.js';
import { listProcesses, type Process } from './processes.js';

/** What the files that are rendered for this machine are to what is there. */
export interface Files {
  readonly changes: readonly Change[];
  /** Ours, and no longer rendered. */
  readonly leftovers: readonly string[];
}

/** How the description in its usual place stands to what runs. */
export interface DescriptionState {
  readonly name: string;
  /** `differs`, or why it cannot be used. */
  readonly problem?: string;
}

/** What whoever calls the doctor brings along. */
export interface Caller {
  /** Each program has a time-out: `patiently`. */
  readonly ports: Ports;
  /** How it should be. */
  readonly cluster: Cluster;
  /** Whether that is what runs here. */
  readonly isRunning: boolean;
  /** What this machine is in the cluster. */
  readonly machine: Machine;
  /** What it has to do as a director; undefined where it is none. */
  readonly duties: () => Promise<Duties | undefined>;
  readonly rendered: () => Promise<Files>;
  /** What the script of real servers says of its set-up; undefined where this machine is none. */
  readonly setUp: () => Promise<Told | undefined>;
  /** Undefined where there is none, or nothing runs that it could differ from. */
  readonly description: () => Promise<DescriptionState | undefined>;
  /** What starts lvsctl once more: Node, and its script. */
  readonly program: readonly string[];
  /** What of a description's place a command needs to read the same: `-f`, and the name; empty for the default one. */
  readonly fileWords: readonly string[];
}

/** A machine that is looked at. What several checks ask is found out once; each answer may fail. */
export interface Patient extends Caller {
  readonly live: () => Promise<Live>;
  readonly running: () => Promise<{ readonly running: Running; readonly warnings: readonly string[] }>;
  /** The same, and what keepalived holds down. */
  readonly checked: () => Promise<Running>;
  readonly role: () => Promise<Role>;
  readonly addresses: () => Promise<readonly HeldAddress[]>;
  readonly processes: () => Promise<readonly Process[]>;
}

export function patientOf(caller: Caller): Patient {
  const { ports, cluster } = caller;
  const running = once(async () => {
    const warnings: string[] = [];
    const now = await momentNow(ports.files, ports.clock);
    const found = await readRunning(ports.files, now, text => void warnings.push(text));
    return { running: found, warnings };
  });
  return {
    ...caller,
    duties: once(caller.duties),
    rendered: once(caller.rendered),
    setUp: once(caller.setUp),
    live: once(() => readLive(ports)),
    running,
    checked: once(async () => await withHeld(ports, (await running()).running)),
    role: once(() => directorRole(cluster, ports)),
    addresses: once(() => readAddresses(ports.runner)),
    processes: once(() => listProcesses(ports.files)),
  };
}

function once<T>(find: () => Promise<T>): () => Promise<T> {
  let found: Promise<T> | undefined;
  return () => (found ??= find());
}
