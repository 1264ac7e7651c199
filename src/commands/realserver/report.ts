import { harmless } from '../../diagnostic/quote.js';
import { recordInWords } from '../../realserver/record.js';
import { jsonText } from '../../view/json.js';
import type { Context, Options } from '../context.js';
import { EXIT } from '../exit.js';

/** What was done, or would be. */
export interface Deeds {
  readonly action: 'set-up' | 'undo';
  readonly dryRun: boolean;
  readonly commands: readonly string[];
  /** Written, or with an undo removed. */
  readonly files: readonly string[];
}

/** What has been run has been told when it was. */
export function report(context: Context, options: Options, deeds: Deeds): number {
  const { action, dryRun, commands, files } = deeds;
  if (options['output'] === 'json') {
    context.out(jsonText({ version: 1, ...deeds }));
    return EXIT.done;
  }
  const verb = action === 'undo' ? ['removed', 'would be removed'] : ['written', 'would be written'];
  const told = files.map(path => `${path}: ${verb[dryRun ? 1 : 0]}\n`).join('');
  if (dryRun) context.out(`${commands.map(one => `# ${one}\n`).join('')}${told}`);
  else context.err(told);
  if (commands.length + files.length === 0) context.err('nothing to do\n');
  return EXIT.done;
}

/**
 * What `check` of the script said, and what a unit at boot lacks.
 *
 * @returns 2 where a set-up would change something
 */
export function reportCheck(
  context: Context,
  options: Options,
  words: readonly string[],
  unit: readonly string[] = [],
): number {
  const after = (start: string): string[] =>
    words.filter(word => word.startsWith(start)).map(word => word.slice(start.length));
  const [missing, surplus, inPlace] = ['missing: ', 'no longer described: ', 'in place: '].map(after);
  const notes = words.filter(
    word => !/^(missing: |no longer described: |in place: |running$|stopped$)/.test(word),
  );
  const changes = { missing: missing!, surplus: surplus!, unit };
  const pending = Object.values(changes).some(list => list.length > 0);
  if (options['output'] === 'json') {
    context.out(jsonText({ version: 1, action: 'check', pending, ...changes, inPlace, notes }));
  } else {
    const text = [
      ...missing!.map(one => `missing: ${one}`),
      ...surplus!.map(one => `no longer wanted: ${recordInWords(one)}`),
      ...unit.map(one => `missing at boot: ${one}`),
      ...(pending ? [] : [`in place: ${inPlace!.length === 0 ? 'nothing is needed' : 'all'}`]),
    ];
    context.out(text.map(one => `${harmless(one)}\n`).join(''));
    for (const note of notes) context.err(`${context.errStyle.yellow('warning')}: ${harmless(note)}\n`);
  }
  return pending ? EXIT.pending : EXIT.done;
}
