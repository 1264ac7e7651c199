import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Cluster } from '../../src/cluster/cluster.js';
import { serve } from '../../src/lab/acts.js';
import { Errands } from '../../src/lab/errands.js';
import { type Host, Lab } from '../../src/lab/lab.js';
import { PLACES } from '../../src/render/places.js';
import { createClock } from '../../src/system/clock.js';
import { accompany } from '../../src/system/companion.js';
import { note, secondsSince } from './notes.js';

/** The project: where it is built, and in the lab's machine. The bundle is build/lab/scenarios.js. */
export const PROJECT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
/** What hosts are started with. */
const guest = `${PROJECT}/lab/guest`;
export const tools = { errands: new Errands(accompany, guest), clock: createClock(), guest };

/** What a scenario leaves here comes back as build/lab/results. */
export const RESULTS = '/run/lab/results';

/** One point of TAP: a sentence, and what has to hold for it. Failures are thrown. */
export type Check = (sentence: string, work: () => Promise<void>) => Promise<void>;

export interface Scenario {
  readonly name: string;
  /** Of all clusters that it starts; they are rendered before the machine boots. */
  readonly descriptions: readonly string[];
  /** Not one of all: runs where it is asked for. */
  readonly onlyNamed?: boolean;
  /** Measures: nothing else runs meanwhile. */
  readonly alone?: boolean;
  /** Seconds after which it is given up, where that is not the usual. */
  readonly limit?: number;
  readonly run: (check: Check) => Promise<void>;
}

/** What is rendered of a description: cluster.json, and trees/ as `configure --out` writes them. */
export function folderOf(description: string): string {
  const hash = createHash('sha256').update(description).digest('hex').slice(0, 12);
  return join(PROJECT, 'build/lab/clusters', hash);
}

export function clusterOf(description: string): Cluster {
  return JSON.parse(readFileSync(join(folderOf(description), 'cluster.json'), 'utf8')) as Cluster;
}

let labs = 0;

/**
 * A cluster whose rendered files are installed on its hosts; it is taken down afterwards.
 *
 * @param work gets the seconds, too, that this took
 */
export async function withCluster(
  description: string,
  work: (lab: Lab, trees: string, seconds: number) => Promise<void>,
): Promise<void> {
  const cluster = clusterOf(description);
  const trees = join(folderOf(description), 'trees');
  const start = performance.now();
  const lab = await timed('hosts', () => Lab.start(cluster, tools, ++labs));
  try {
    await timed('installation', () => install(lab, trees));
    await work(lab, trees, secondsSince(start));
  } finally {
    await timed('end', () => lab.stop());
  }
}

/** A real server as its unit starts it, with stand-ins at `endpoints` (`tcp:ADDRESS:PORT`). */
export async function realServer(host: Host, ...endpoints: readonly string[]): Promise<void> {
  await host.sh(`${PLACES.realServerScript} start`);
  await serve(host, ...endpoints);
}

async function install(lab: Lab, trees: string): Promise<void> {
  await lab.install(lab.role('server'), join(trees, 'realserver'));
  await Promise.all(lab.role('director').map(one => lab.install(one, join(trees, one.name))));
}

/** Where the time of a scenario goes besides its checks. */
async function timed<T>(what: string, work: () => Promise<T>): Promise<T> {
  const start = performance.now();
  const result = await work();
  note(`${what}: ${secondsSince(start)} s`);
  return result;
}
