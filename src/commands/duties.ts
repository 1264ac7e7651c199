import type { Cluster } from '../cluster/cluster.js';
import { machineOf } from '../cluster/machines.js';
import { KernelFailure } from '../director/failure.js';
import {
  type Duties,
  dutiesOf,
  dutiesWithoutTemplates,
  readSettings,
  type Setting,
  SETTINGS_FILE,
} from '../render/director/duties.js';
import { Engine, TemplateError } from '../render/engine.js';
import { provenance } from '../render/stamp.js';
import { templateShapes } from '../render/targets.js';
import type { Files } from '../system/ports.js';
import { findMachine } from './configure/hosts.js';
import type { Context } from './context.js';
import { EXIT, Failure, fileFailure } from './exit.js';
import { loadTexts } from './texts.js';

/**
 * What this host has to do as a director of a cluster, by the templates of the files that it has.
 *
 * @param named what `--host` says
 * @throws Failure where it is no director of it; KernelFailure where a template of the administrator's cannot be used
 */
export async function dutiesHere(context: Context, cluster: Cluster, named?: string): Promise<Duties> {
  const { director, anonymousDirector, realServer } = findMachine(cluster, named, context.ports.net);
  if (!director && !anonymousDirector) {
    throw new Failure(
      EXIT.usage,
      'this host is a real server, and no director, of what runs',
      'name the director with --host',
    );
  }
  try {
    const engine = await engineOf(context);
    const duties = dutiesOf({ cluster, director, serves: realServer }, engine);
    return { ...duties, settings: await settingsHere(context.ports.files, duties.settings) };
  } catch (error) {
    if (error instanceof TemplateError)
      throw new KernelFailure('template', `a template cannot be used:\n${error.message}`);
    const { code, path } = error as NodeJS.ErrnoException;
    if (code === undefined || path === undefined) throw error;
    throw new KernelFailure('template', fileFailure(`${path} cannot be read`, error).message);
  }
}

/**
 * The same; undefined where this host is no director of the cluster.
 *
 * @param only `addresses`: no template is asked, nor settings and marks told
 */
export async function dutiesIfAny(
  context: Context,
  cluster: Cluster,
  only?: 'addresses',
): Promise<Duties | undefined> {
  const { net } = context.ports;
  const machine = machineOf(cluster, net.hostName(), net.addresses());
  if (!machine?.director && !machine?.anonymousDirector) return undefined;
  if (only) return dutiesWithoutTemplates({ cluster, director: machine.director });
  return await dutiesHere(context, cluster);
}

/** Two clusters are asked about one after the other. */
const engines = new WeakMap<Context, Promise<Engine>>();

function engineOf(context: Context): Promise<Engine> {
  const made =
    engines.get(context) ??
    loadTexts(context).then(texts => new Engine(texts, () => templateShapes(['director'])));
  engines.set(context, made);
  return made;
}

/**
 * The file may have been edited, as a comment in it proposes; what it does not name is as the cluster needs it. One that
 * is as lvsctl wrote it says what the cluster needed then, and is renewed with it.
 */
async function settingsHere(files: Files, wanted: readonly Setting[]): Promise<Setting[]> {
  const text = (await files.look(SETTINGS_FILE)) ? await files.read(SETTINGS_FILE) : new Uint8Array();
  const written = new TextDecoder().decode(text);
  const own = provenance(written) === 'ours' ? [] : readSettings(written);
  return [...own, ...wanted.filter(({ path }) => !own.some(one => one.path === path))];
}
