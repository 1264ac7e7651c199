import type { Cluster } from '../../cluster/cluster.js';
import type { Machine } from '../../cluster/machines.js';
import { NotKnown, patiently } from '../../doctor/ask.js';
import type { Caller, DescriptionState, Files } from '../../doctor/patient.js';
import { currentGeneration } from '../../state/generations.js';
import { StateFailure } from '../../state/failure.js';
import { compare, leftovers } from '../../install/tree.js';
import { TemplateError } from '../../render/engine.js';
import { PLACES } from '../../render/places.js';
import { TARGETS } from '../../render/target-names.js';
import { findMachine } from '../configure/hosts.js';
import { failoverKey } from '../configure/key.js';
import { renderTrees } from '../configure/trees.js';
import type { Context, Options } from '../context.js';
import { clusterOf } from '../description.js';
import { dutiesHere } from '../duties.js';
import { Failure } from '../exit.js';
import { fileState } from '../status/file.js';
import { loadTexts } from '../texts.js';
import { setUpHere } from './set-up.js';

/** Who is looked at, and by what it is judged. */
export interface Admission {
  readonly caller: Caller;
  readonly host: string;
  readonly roles: readonly string[];
  readonly judged: string;
}

interface Judge {
  readonly cluster: Cluster;
  readonly judged: string;
  /** What rendered files name as their origin. */
  readonly origin: string;
  readonly isRunning: boolean;
}

/** By `--file`, else what runs, else the description in its usual place. @throws Failure where none can be used */
export async function admit(context: Context, options: Options): Promise<Admission> {
  const { files, net, runner } = context.ports;
  const judge = await judgeOf(context, options);
  const { cluster, judged, isRunning } = judge;
  const named = options['host'] as string | undefined;
  const machine = findMachine(cluster, named, net);
  const isDirector = machine.director !== undefined || machine.anonymousDirector;
  const roles = [...(isDirector ? ['director'] : []), ...(machine.realServer ? ['real server'] : [])];
  return {
    caller: {
      ports: { ...context.ports, runner: patiently(runner), files },
      cluster,
      isRunning,
      machine,
      duties: () =>
        foreseen(async () => (isDirector ? await dutiesHere(context, cluster, named) : undefined)),
      rendered: () => foreseen(() => renderedHere(context, judge, machine)),
      setUp: () => setUpHere(context, cluster, machine),
      description: () => descriptionState(context, options),
      program: context.program,
      fileWords: typeof options['file'] === 'string' ? ['-f', options['file']] : [],
    },
    host: machine.director?.name ?? named ?? net.hostName(),
    roles,
    judged,
  };
}

/** What ends another verb keeps the doctor from one fact. */
async function foreseen<T>(find: () => Promise<T>): Promise<T> {
  try {
    return await find();
  } catch (error) {
    if (error instanceof Failure) throw new NotKnown(error.message, error.help);
    if (error instanceof TemplateError) throw new NotKnown(`a template cannot be used: ${error.message}`);
    throw error;
  }
}

async function judgeOf(context: Context, options: Options): Promise<Judge> {
  if (options['file'] === undefined) {
    const current = await currentGeneration(context.ports.files).catch((error: unknown) => {
      // A check says so; the description is a judge as good.
      if (error instanceof StateFailure) return undefined;
      throw error;
    });
    if (current) {
      const { cluster, number, description } = current;
      return {
        cluster,
        judged: `generation ${number}, which runs here`,
        origin: description.name,
        isRunning: true,
      };
    }
  }
  const { cluster, name } = await clusterOf(context, options);
  return { cluster, judged: name, origin: name, isRunning: false };
}

async function descriptionState(context: Context, options: Options): Promise<DescriptionState | undefined> {
  const current = await currentGeneration(context.ports.files);
  const state = await fileState(context, options, current);
  switch (state.kind) {
    case 'absent':
    case 'unapplied':
      return undefined;
    case 'same':
    case 'wording':
      return { name: state.name };
    case 'differs':
      return { name: state.name, problem: 'differs' };
    case 'unusable':
      return { name: state.name, problem: state.why };
  }
}

/** What `configure --check` compares. */
async function renderedHere(context: Context, { cluster, origin }: Judge, machine: Machine): Promise<Files> {
  const { files } = context.ports;
  const needsKey = cluster.failover.by === 'heartbeat' && machine.director;
  const question = { cluster, out: undefined, director: machine.director, dryRun: true };
  const order = {
    cluster,
    origin,
    machine,
    out: undefined,
    targets: TARGETS,
    fragment: false,
    failoverKey: needsKey ? await failoverKey(question, files) : undefined,
  };
  const trees = await renderTrees(order, origin, await loadTexts(context), files);
  const places = [...Object.values(PLACES), cluster.keepalived.config, cluster.mon.config];
  const all = await Promise.all(
    trees.map(async tree => ({
      changes: await compare(tree, files, origin),
      leftovers: await leftovers(tree, places, files),
    })),
  );
  return {
    changes: all.flatMap(one => one.changes),
    leftovers: all.flatMap(one => one.leftovers),
  };
}
