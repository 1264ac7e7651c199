import { type Action, direct, inspect, loadIpvs, rehearse, type Task } from '../director/host/director.js';
import { jsonText } from '../view/json.js';
import type { Context, Options, Run } from './context.js';
import { dutiesHere } from './duties.js';
import { EXIT, Failure } from './exit.js';
import { enter, visitor, waker } from './visit.js';

/** What the LSB has for `status`: a program that is not running. */
const NOT_RUNNING = 3;

export const run: Run = async (context, [what], options) => {
  const named = options['host'] as string | undefined;
  const task: Task = cluster => dutiesHere(context, cluster, named);
  const standby = options['standby'] === true;
  if (standby && what !== 'start') throw new Failure(EXIT.usage, `--standby is for start, not for ${what}`);
  if (what === 'status') return await status(context, options, task);
  const action = standby ? 'standby' : (what as 'start' | 'stop');
  const dry = options['dryRun'] === true;
  const commands = dry ? await rehearse(context.ports, action, task) : await act(context, action, task);
  if (options['output'] === 'json') context.out(jsonText({ version: 1, action, dryRun: dry, commands }));
  else if (dry) context.out(commands.map(echoed).join(''));
  return EXIT.done;
};

async function act(context: Context, action: Action, task: Task): Promise<string[]> {
  const commands: string[] = [];
  const whom = {
    ...visitor(context, `director ${action}`, 'program'),
    echo: (line: string) => {
      commands.push(line);
      context.err(echoed(line));
    },
  };
  if (action !== 'stop') await loadIpvs(whom);
  await enter(context, whom, door => direct(door, action, task, waker(context)));
  return commands;
}

/** As director.lvs.dr has it: comments, so that they are told from what went wrong. */
function echoed(command: string): string {
  return command.replaceAll(/^/gm, '# ').concat('\n');
}

/** The word is the result, since heartbeat judges by it; the reasons go elsewhere. */
async function status(context: Context, options: Options, task: Task): Promise<number> {
  const missing = await inspect(context.ports, task);
  const state = missing.length === 0 ? 'running' : 'stopped';
  if (options['output'] === 'json') context.out(jsonText({ version: 1, state, missing }));
  else {
    for (const one of missing) context.err(`missing: ${one}\n`);
    context.out(`${state}\n`);
  }
  return missing.length === 0 ? EXIT.done : NOT_RUNNING;
}
