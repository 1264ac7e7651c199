import { type Action, type Assign, direct, inspect, loadIpvs, rehearse } from '../director/host/director.js';
import { dutiesOf, readSettings, type Setting, SETTINGS_FILE } from '../render/director/duties.js';
import { Engine, TemplateError } from '../render/engine.js';
import { templateShapes } from '../render/targets.js';
import type { Files } from '../system/ports.js';
import { jsonText } from '../view/json.js';
import { findMachine } from './configure/hosts.js';
import type { Context, Options, Run } from './context.js';
import { EXIT, Failure } from './exit.js';
import { loadTexts } from './texts.js';
import { enter, visitor, waker } from './visit.js';

/** What the LSB has for `status`: a program that is not running. */
const NOT_RUNNING = 3;

export const run: Run = async (context, [what], options) => {
  const assign = assigner(context, options);
  const standby = options['standby'] === true;
  if (standby && what !== 'start') throw new Failure(EXIT.usage, `--standby is for start, not for ${what}`);
  if (what === 'status') return await status(context, options, assign);
  const action = standby ? 'standby' : (what as 'start' | 'stop');
  const dry = options['dryRun'] === true;
  const commands = dry ? await rehearse(context.ports, action, assign) : await act(context, action, assign);
  if (options['output'] === 'json') context.out(jsonText({ version: 1, action, dryRun: dry, commands }));
  else if (dry) context.out(commands.map(echoed).join(''));
  return EXIT.done;
};

async function act(context: Context, action: Action, assign: Assign): Promise<string[]> {
  const commands: string[] = [];
  const whom = {
    ...visitor(context, `director ${action}`, 'program'),
    echo: (line: string) => {
      commands.push(line);
      context.err(echoed(line));
    },
  };
  if (action !== 'stop') await loadIpvs(whom);
  await enter(context, whom, door => direct(door, action, assign, waker(context)));
  return commands;
}

/** As director.lvs.dr has it: comments, so that they are told from what went wrong. */
function echoed(command: string): string {
  return command.replaceAll(/^/gm, '# ').concat('\n');
}

/** The word is the result, since heartbeat judges by it; the reasons go elsewhere. */
async function status(context: Context, options: Options, assign: Assign): Promise<number> {
  const missing = await inspect(context.ports, assign);
  const state = missing.length === 0 ? 'running' : 'stopped';
  if (options['output'] === 'json') context.out(jsonText({ version: 1, state, missing }));
  else {
    for (const one of missing) context.err(`missing: ${one}\n`);
    context.out(`${state}\n`);
  }
  return missing.length === 0 ? EXIT.done : NOT_RUNNING;
}

/** What this host has to do in the cluster that runs, by the templates of the files that it has. */
function assigner(context: Context, options: Options): Assign {
  return async cluster => {
    const { director, anonymousDirector, realServer } = findMachine(
      cluster,
      options['host'] as string | undefined,
      context.ports.net,
    );
    if (!director && !anonymousDirector) {
      throw new Failure(
        EXIT.usage,
        'this host is a real server, and no director, of what runs',
        'name the director with --host',
      );
    }
    try {
      const engine = new Engine(await loadTexts(context), templateShapes());
      const duties = dutiesOf({ cluster, director, serves: realServer }, engine);
      return { ...duties, settings: await settingsHere(context.ports.files, duties.settings) };
    } catch (error) {
      if (!(error instanceof TemplateError)) throw error;
      throw new Failure(EXIT.invalid, `a template cannot be used:\n${error.message}`);
    }
  };
}

/** The file may have been edited, as a comment in it proposes; what it does not name is as the cluster needs it. */
async function settingsHere(files: Files, wanted: readonly Setting[]): Promise<Setting[]> {
  const text = (await files.look(SETTINGS_FILE)) ? await files.read(SETTINGS_FILE) : new Uint8Array();
  const own = readSettings(new TextDecoder().decode(text));
  return [...own, ...wanted.filter(({ path }) => !own.some(one => one.path === path))];
}
