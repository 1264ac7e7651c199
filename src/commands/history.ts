import { currentNumber, readGeneration, readGenerations } from '../state/generations.js';
import { historyJson, historyText, type Story } from '../view/history.js';
import { harmless } from '../diagnostic/quote.js';
import type { Generation } from '../state/generation.js';
import { momentNow, shown } from '../state/moment.js';
import { jsonText } from '../view/json.js';
import type { Context, Run } from './context.js';
import { EXIT } from './exit.js';
import { generationNumber } from './generation-number.js';
import { visitor } from './visit.js';

export const run: Run = async (context, _args, options) => {
  const { files, clock } = context.ports;
  const json = options['output'] === 'json';
  const current = await currentNumber(files);
  const now = await momentNow(files, clock);
  const story = (one: Generation): Story => ({
    ...one,
    made: one.made.at,
    runs: one.number === current,
    ...(one.trial.state === 'waiting' ? { until: shown(one.trial.due, now) } : {}),
  });
  if (typeof options['show'] === 'string') {
    const one = await readGeneration(files, generationNumber(options['show']));
    showOne(context, story(one), one, json);
    return EXIT.done;
  }
  const { generations, problems } = await readGenerations(files);
  for (const { message } of problems) visitor(context, 'history').warn(message);
  const stories = generations.map(story).toReversed();
  context.out(json ? jsonText({ version: 1, generations: stories.map(historyJson) }) : historyText(stories));
  return EXIT.done;
};

/** The description as it was, so that it can become a file again; its lines of comment say which it is. */
function showOne(context: Context, story: Story, one: Generation, json: boolean): void {
  const { description, before } = one;
  if (json) {
    context.out(jsonText({ version: 1, ...historyJson(story), description, before }));
    return;
  }
  const head = historyText([story])
    .trimEnd()
    .split('\n')
    .map(line => `# ${line}\n`);
  const text = description.text.endsWith('\n') ? description.text : `${description.text}\n`;
  // Line ends and tabs are the description's own; they move nothing on a terminal.
  const shown = text.split(/(\r?\n|\t)/).map((part, index) => (index % 2 === 0 ? harmless(part) : part));
  context.out(`${head.join('')}${shown.join('')}`);
}
