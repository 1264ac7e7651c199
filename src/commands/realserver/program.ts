import { harmless, list } from '../../diagnostic/quote.js';
import { type Order, runScript, type Script, type Told } from '../../realserver/script.js';
import type { Context } from '../context.js';
import { EXIT, type ExitCode, Failure } from '../exit.js';
import { OWN_TEMPLATES } from '../texts.js';

/** Exit codes of realserver.lvs.dr: realserver/README.md. 3 is an answer, for `check`. */
const EXITS: Readonly<Record<number, ExitCode>> = {
  1: EXIT.failed,
  4: EXIT.notPermitted,
  5: EXIT.unavailable,
  6: EXIT.invalid,
  75: EXIT.lockHeld,
};
const STOPPED = 3;

const UNDO = 'lvsctl realserver-setup --undo';

/** Runs the packaged script, or the administrator's own. @throws Failure where it does not do what it was asked for */
export async function tellScript(
  context: Context,
  order: Order,
  settings?: string,
  echo: (command: string) => void = () => {},
): Promise<Told> {
  const told = await runScript(
    context.ports.runner,
    await scriptOf(context),
    order,
    settings,
    echo,
    context.stop,
  );
  if (told.missing) throw new Failure(EXIT.unavailable, 'the program sh is missing, or may not be run');
  if (told.exitCode !== 0 && !(order[0] === 'check' && told.exitCode === STOPPED)) {
    // `check` needs no root: its 4 are settings with errors.
    const code = order[0] === 'check' && told.exitCode === 4 ? EXIT.invalid : EXITS[told.exitCode ?? -1];
    throw failureOf(order, told, code ?? EXIT.failed);
  }
  return told;
}

/** The packaged script, or the administrator's own. */
export async function scriptOf({ ports, packageRoot }: Context): Promise<Script> {
  const pathOf = async (name: string): Promise<string> => {
    const own = `${OWN_TEMPLATES}/realserver/${name}`;
    return (await ports.files.look(own)) ? own : `${packageRoot}/realserver/${name}`;
  };
  return { script: await pathOf('realserver.lvs.dr'), planner: await pathOf('realserver.awk') };
}

function failureOf([order]: Order, { exitCode, words }: Told, code: ExitCode): Failure {
  // The last is the word of `check` that goes with what is wrong.
  const said = words.filter(word => word !== 'unknown').map(harmless);
  if (exitCode === undefined) {
    return new Failure(EXIT.failed, 'the set-up was killed in its middle', `${UNDO} takes back what it did`);
  }
  const [, where] =
    said.map(line => /^start failed \((.*)\)/.exec(line) ?? []).find(found => found.length > 0) ?? [];
  if (where === undefined) {
    const denied = code === EXIT.notPermitted;
    return new Failure(code, said.join('\n') || `${order} failed`, denied ? 'try as root' : undefined);
  }
  const left = said.some(line => line.startsWith('could not be taken back'));
  const why = said.filter(line => !/^(start failed|could not be taken back)/.test(line));
  const denied = why.some(line => /not permitted|permission denied/i.test(line));
  return new Failure(
    denied ? EXIT.notPermitted : EXIT.failed,
    `${where === 'interrupted' ? 'the set-up was interrupted' : `the set-up failed at ${where}`}${why.length > 0 ? `: ${list(why, 'and')}` : ''}`,
    left ? `${UNDO} tries again to take back what is left` : 'what it had done has been taken back',
  );
}
