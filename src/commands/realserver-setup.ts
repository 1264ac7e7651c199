import type { Doer } from '../director/host/act.js';
import { harmless } from '../diagnostic/quote.js';
import { Engine, TemplateError } from '../render/engine.js';
import { renderOutputs } from '../render/render.js';
import { templateShapes } from '../render/targets.js';
import { settingsOutput } from '../render/targets/realserver.js';
import type { Context, Options, Run } from './context.js';
import { EXIT, Failure } from './exit.js';
import {
  compareFiles,
  disable,
  persist,
  type Persistence,
  persistLines,
  planPersistence,
  unpersist,
  unpersistLines,
} from './realserver/persist.js';
import { tellScript } from './realserver/program.js';
import { type Deeds, report, reportCheck } from './realserver/report.js';
import { type Wanted, wantedHere } from './realserver/wanted.js';
import { loadTexts } from './texts.js';

export const run: Run = async (context, _args, options) => {
  refuseMixtures(options);
  const dryRun = options['dryRun'] === true;
  if (options['undo']) return report(context, options, await undo(context, dryRun));
  const wanted = await wantedHere(context, options);
  const engine = await engineOf(context);
  const settings = textOf(wanted, engine);
  const persistence = options['persist'] ? await planPersistence(context, wanted, engine) : undefined;
  if (options['check']) {
    const { words } = await tellScript(context, ['check'], settings);
    return reportCheck(context, options, words, persistence && (await pending(context, persistence)));
  }
  const deeds = dryRun
    ? await rehearse(context, settings, persistence)
    : await context.undisturbed(() => setUp(context, settings, persistence));
  if (!persistence) await compareWithBoot(context, wanted, engine);
  return report(context, options, deeds);
};

function refuseMixtures(options: Options): void {
  if (!options['undo']) return;
  const others = {
    persist: '--persist',
    check: '--check',
    vip: '--vip',
    file: '--file',
    interface: '--interface',
  };
  for (const [key, flag] of Object.entries({ ...others, vipOn: '--vip-on', host: '--host' })) {
    if (options[key] === undefined) continue;
    throw new Failure(EXIT.usage, `--undo takes back all that was set up here: ${flag} has no part in it`);
  }
}

async function engineOf(context: Context): Promise<Engine> {
  try {
    return new Engine(await loadTexts(context), () => templateShapes(['realserver']));
  } catch (error) {
    throw templateFailure(error);
  }
}

function textOf({ settings }: Wanted, engine: Engine): string {
  const { template, view } = settingsOutput(() => settings);
  try {
    return engine.fill(template, view);
  } catch (error) {
    throw templateFailure(error);
  }
}

function templateFailure(error: unknown): unknown {
  if (!(error instanceof TemplateError)) return error;
  return new Failure(EXIT.invalid, `a template cannot be used:\n${error.message}`);
}

/** Prints each command when it is run, as director.lvs.dr does, and keeps it for the report. */
function doerOf(context: Context, commands: string[]): Doer {
  return {
    ports: context.ports,
    echo: line => {
      commands.push(line);
      context.err(`# ${line}\n`);
    },
    warn: text => context.err(`${context.errStyle.yellow('warning')}: ${harmless(text)}\n`),
  };
}

async function setUp(
  context: Context,
  settings: string,
  persistence: Persistence | undefined,
): Promise<Deeds> {
  const commands: string[] = [];
  const doer = doerOf(context, commands);
  const { words } = await tellScript(context, ['start'], settings, doer.echo);
  for (const word of words) doer.warn(word);
  const files = persistence ? await persist(doer, persistence) : [];
  return { action: 'set-up', dryRun: false, commands, files };
}

async function rehearse(
  context: Context,
  settings: string,
  persistence: Persistence | undefined,
): Promise<Deeds> {
  const doer = doerOf(context, []);
  const { commands, words } = await tellScript(context, ['start', '-n'], settings);
  for (const word of words) doer.warn(word);
  if (!persistence) return { action: 'set-up', dryRun: true, commands, files: [] };
  return {
    action: 'set-up',
    dryRun: true,
    commands: [...commands, ...(await persistLines(doer, persistence))],
    files: persistence.changes.map(({ path }) => path),
  };
}

/** Whoever may not undo hears it before the unit is touched; then that goes first, so that no boot brings it back. */
async function undo(context: Context, dryRun: boolean): Promise<Deeds> {
  const commands: string[] = [];
  const doer = doerOf(context, commands);
  const plan = await tellScript(context, ['stop', '-n']);
  if (dryRun) {
    for (const word of plan.words) doer.warn(word);
    const more = await unpersistLines(doer);
    return { action: 'undo', dryRun, commands: [...plan.commands, ...more.commands], files: more.files };
  }
  return await context.undisturbed(async () => {
    await disable(doer);
    const { words } = await tellScript(context, ['stop'], undefined, doer.echo);
    for (const word of words) doer.warn(word);
    return { action: 'undo', dryRun, commands, files: await unpersist(doer) };
  });
}

/** What `--persist` would do. */
async function pending(context: Context, persistence: Persistence): Promise<string[]> {
  const files = persistence.changes.map(({ path }) => path);
  return [...files, ...(await persistLines(context, persistence))];
}

/** A boot sets this host up by a file that may say otherwise. */
async function compareWithBoot(
  context: Context,
  { settings, origin }: Wanted,
  engine: Engine,
): Promise<void> {
  const artifacts = renderOutputs([settingsOutput(() => settings)], engine, origin);
  const [change] = await compareFiles(context.ports, artifacts, origin);
  if (!change?.present || change.action === 'unchanged' || change.action === 'mode') return;
  doerOf(context, []).warn(`${change.path} says otherwise, and a boot goes by it: --persist renews it`);
}
