import { losses, type Loss, rebuild, type Rebuilding } from '../../director/rebuild.js';
import { momentNow } from '../../state/moment.js';
import { jsonText } from '../../view/json.js';
import type { Run } from '../context.js';
import { EXIT } from '../exit.js';
import { enter, visitor, waker } from '../visit.js';

export const run: Run = async (context, _args, options) => {
  const { files, clock } = context.ports;
  const dry = options['dryRun'] === true;
  const whom = visitor(context, 'log --rebuild');
  const done = dry
    ? await losses(files, await momentNow(files, clock))
    : await enter(context, whom, door => rebuild(door, waker(context)));
  for (const one of damageTexts(done)) whom.warn(one);
  context.out(options['output'] === 'json' ? jsonText(json(done, dry)) : text(done, dry));
  return done.unsure.length > 0 ? EXIT.failed : EXIT.done;
};

/** So many damaged lines are named; after a disk's failure there may be thousands. */
const MOST_NAMED = 10;

function damageTexts({ damaged, unsure }: Rebuilding): string[] {
  const means =
    unsure.length > 0
      ? 'what it said of drains and dead servers is missing'
      : 'nothing is missing, as both files are there and can be read';
  const named = damaged.slice(0, MOST_NAMED);
  const more = damaged.length - named.length;
  return [
    ...named.map(({ path, line }) => `${path}: line ${line} is damaged: ${means}`),
    ...(more > 0 ? [`${more} more lines are damaged`] : []),
  ];
}

function json({ losses: rebuilt, damaged, unsure }: Rebuilding, dryRun: boolean): object {
  return { version: 1, dryRun, rebuilt, damaged, unsure };
}

function text({ losses: all, unsure }: Rebuilding, dry: boolean): string {
  if (all.length === 0 && unsure.length === 0) return 'nothing is lost or damaged\n';
  const back = all.map(one => lossText(one, dry)).join('');
  if (unsure.length === 0) return back;
  const more = `of ${unsure.join(' and ')} more may be lost, in the damaged lines of the journal: compare lvsctl status\n`;
  return `${back}${more}`;
}

function lossText({ path, was, servers, aside }: Loss, dry: boolean): string {
  const what = `${path} was ${was}, and ${dry ? 'would be' : 'is'} put back with`;
  const whose = servers === 1 ? '1 server' : `${servers} servers`;
  const kept = aside === undefined ? '' : `; the damaged one is kept as ${aside}`;
  return `${what} what the journal has of ${whose}${kept}\n`;
}
