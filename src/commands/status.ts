import { survey } from '../director/survey.js';
import { jsonText } from '../view/json.js';
import { statusText } from '../view/status.js';
import { statusJson } from '../view/status-json.js';
import type { Run } from './context.js';
import { EXIT, Failure } from './exit.js';
import { showCounters } from './status/counters.js';
import { headOf } from './status/head.js';
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
  const services = meant(found.table.services, name, found.running.current?.cluster);
  const table = { ...found.table, services };
  context.out(
    json ? jsonText({ version: 1, ...statusJson(head, table) }) : statusText(head, table, context.outStyle),
  );
  return EXIT.done;
};
