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
  if (done.losses.length > 0) {
    for (const { path, line } of done.damaged)
      whom.warn(`${path}: line ${line} is damaged: what it said of drains and dead servers is missing`);
  }
  context.out(options['output'] === 'json' ? jsonText(json(done, dry)) : text(done, dry));
  return EXIT.done;
};

function json({ losses: rebuilt, damaged }: Rebuilding, dryRun: boolean): object {
  return { version: 1, dryRun, rebuilt, damaged };
}

function text({ losses: all }: Rebuilding, dry: boolean): string {
  if (all.length === 0) return 'nothing is lost or damaged\n';
  return all.map(one => lossText(one, dry)).join('');
}

function lossText({ path, was, servers, aside }: Loss, dry: boolean): string {
  const what = `${path} was ${was}, and ${dry ? 'would be' : 'is'} put back with`;
  const whose = servers === 1 ? '1 server' : `${servers} servers`;
  const kept = aside === undefined ? '' : `; the damaged one is kept as ${aside}`;
  return `${what} what the journal has of ${whose}${kept}\n`;
}
