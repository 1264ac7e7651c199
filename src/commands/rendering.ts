import type { Cluster } from '../cluster/cluster.js';
import { machineOf } from '../cluster/machines.js';
import { KernelFailure } from '../director/failure.js';
import type { Rendering } from '../director/renewal.js';
import { outlineInPlace } from '../install/host-trees.js';
import { Engine, TemplateError } from '../render/engine.js';
import { renderOutputs } from '../render/render.js';
import { templateShapes } from '../render/targets.js';
import { failoverKey } from './configure/key.js';
import type { Context } from './context.js';
import { Failure } from './exit.js';
import { loadTexts } from './texts.js';

/** All files of this host in a cluster, as `configure` renders them in place; none where it is no part of it. */
export async function renderingHere(context: Context, cluster: Cluster): Promise<Rendering> {
  const { files, net } = context.ports;
  const machine = machineOf(cluster, net.hostName(), net.addresses());
  const key = machine?.director ? await keyThere(context, cluster) : undefined;
  const outline = machine && (await outlineInPlace(cluster, machine, key, files));
  return {
    parts: outline?.parts ?? [],
    fill: async (outputs, origin) => {
      try {
        return renderOutputs(outputs, await engineOf(context), origin);
      } catch (error) {
        const { code, message } = error as NodeJS.ErrnoException;
        if (!(error instanceof TemplateError) && code === undefined) throw error;
        throw new KernelFailure('template', `a template cannot be used:\n${message}`);
      }
    },
  };
}

/** A key that cannot be had is never made here: its files stay as they are. */
async function keyThere({ ports }: Context, cluster: Cluster): Promise<string | undefined> {
  if (cluster.failover.by !== 'heartbeat') return undefined;
  const question = { cluster, out: undefined, director: undefined, dryRun: true };
  return await failoverKey(question, ports.files).catch((error: unknown) => {
    if (error instanceof Failure) return undefined;
    throw error;
  });
}

/** Two clusters are asked about one after the other. */
const engines = new WeakMap<Context, Promise<Engine>>();

async function engineOf(context: Context): Promise<Engine> {
  const made = engines.get(context) ?? loadTexts(context).then(texts => new Engine(texts, templateShapes));
  engines.set(context, made);
  return await made;
}
