import { confirm, confirmable } from '../director/confirm.js';
import { readRunning } from '../director/running.js';
import { momentNow } from '../state/moment.js';
import { jsonText } from '../view/json.js';
import type { Run } from './context.js';
import { EXIT } from './exit.js';
import { enter, visitor } from './visit.js';

export const run: Run = async (context, _args, options) => {
  const { ports, user } = context;
  const whom = visitor(context, 'confirm');
  const rehearse = async (): Promise<{ readonly number: number }> => {
    const now = await momentNow(ports.files, ports.clock);
    const running = await readRunning(ports.files, now, whom.warn);
    return confirmable(running, { stamp: { host: '', now } });
  };
  const dry = options['dryRun'] === true;
  const { number } = dry ? await rehearse() : await enter(context, whom, door => confirm(door, user));
  context.out(
    options['output'] === 'json'
      ? jsonText({ version: 1, generation: number, confirmed: !dry })
      : `generation ${number} ${dry ? 'would be' : 'is'} confirmed\n`,
  );
  return EXIT.done;
};
