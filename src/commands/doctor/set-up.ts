import type { Cluster } from '../../cluster/cluster.js';
import type { Machine } from '../../cluster/machines.js';
import { KernelFailure } from '../../director/failure.js';
import { NotKnown } from '../../doctor/ask.js';
import { Engine, TemplateError } from '../../render/engine.js';
import { templateShapes } from '../../render/targets.js';
import { settingsOf, settingsOutput } from '../../render/targets/realserver.js';
import { runScript, type Told } from '../../realserver/script.js';
import type { Context } from '../context.js';
import { scriptOf } from '../realserver/program.js';
import { loadTexts } from '../texts.js';

/** Milliseconds that the script may take to look. */
const TIMEOUT = 30_000;

/** What `realserver-setup --check` hears; undefined where this machine is no real server. @throws NotKnown, KernelFailure */
export async function setUpHere(
  context: Context,
  cluster: Cluster,
  { realServer }: Machine,
): Promise<Told | undefined> {
  if (!realServer) return undefined;
  const settings = await settingsText(context, cluster);
  const end = AbortSignal.timeout(TIMEOUT);
  const signal = AbortSignal.any([context.stop, end]);
  const script = await scriptOf(context);
  const told = await runScript(context.ports.runner, script, ['check'], settings, () => {}, signal);
  if (end.aborted) throw new NotKnown(`the script of real servers gave no answer in ${TIMEOUT / 1000} s`);
  return told;
}

async function settingsText(context: Context, cluster: Cluster): Promise<string> {
  try {
    const engine = new Engine(await loadTexts(context), () => templateShapes(['realserver']));
    const { template, view } = settingsOutput(() => settingsOf(cluster));
    return engine.fill(template, view);
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    throw new KernelFailure('template', `a template cannot be used:\n${error.message}`);
  }
}
