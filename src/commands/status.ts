import { coming, survey, type Survey } from '../director/survey.js';
import { shown } from '../state/moment.js';
import type { Generation } from '../state/generation.js';
import { jsonText } from '../view/json.js';
import { statusText } from '../view/status.js';
import type { StatusHead } from '../view/status-head.js';
import { statusJson } from '../view/status-json.js';
import type { Context, Options, Run } from './context.js';
import { EXIT, Failure } from './exit.js';
import { showCounters } from './status/counters.js';
import { fileState } from './status/file.js';
import { meant } from './status/meant.js';
import { writeMetrics } from './status/metrics.js';
import { visitor } from './visit.js';

export const run: Run = async (context, [name], options) => {
  const json = options['output'] === 'json';
  const metrics = options['prometheus'];
  const which = (['stats', 'rate'] as const).filter(one => options[one] === true);
  if (typeof metrics === 'string') {
    if (json || which.length > 0 || name !== undefined) {
      throw new Failure(EXIT.usage, '--prometheus writes everything: it takes no service, form or counters');
    }
    return await writeMetrics(context, options, metrics);
  }
  if (which.length > 0 && !json) return await showCounters(context, name, which);
  const { warn } = visitor(context, 'status');
  const found = await survey(context.ports, warn, json ? ['stats', 'rate'] : ['rate']);
  const head = await headOf(context, options, found);
  const table = { ...found.table, services: meant(found.table.services, name) };
  context.out(
    json ? jsonText({ version: 1, ...statusJson(head, table) }) : statusText(head, table, context.outStyle),
  );
  return EXIT.done;
};

/** What holds for the whole director. */
export async function headOf(context: Context, options: Options, found: Survey): Promise<StatusHead> {
  const { running, intent, now } = found;
  const { current } = running;
  return {
    host: context.ports.net.hostName(),
    now: new Date(now.at),
    ...(current ? { generation: generationOf(current, found) } : {}),
    file: await fileState(context, options, current),
    ...(intent ? { underway: { by: intent.by, since: intent.begun.at } } : {}),
    coming: coming(found),
  };
}

function generationOf(current: Generation, { now }: Survey): NonNullable<StatusHead['generation']> {
  const { number, made, author, by, reason, trial } = current;
  return {
    ...{ number, made: made.at, author, by },
    ...(reason === undefined ? {} : { reason }),
    ...(trial.state === 'waiting' ? { until: shown(trial.due, now) } : {}),
  };
}
