import { harmless } from '../../diagnostic/quote.js';
import { survey } from '../../director/survey.js';
import { metricsText } from '../../view/metrics.js';
import { statusMetrics } from '../../view/status-metrics.js';
import type { Context, Options } from '../context.js';
import { EXIT, fileFailure } from '../exit.js';
import { placeOfFile } from '../place-of-file.js';
import { visitor } from '../visit.js';
import { headOf } from './head.js';

/** Everybody may read it: node_exporter runs as a user of its own. */
const MODE = 0o644;

/** Writes a file for node_exporter's textfile collector, in one step: it is read at any moment. `-`: standard output. */
export async function writeMetrics(context: Context, options: Options, file: string): Promise<number> {
  const { warn } = visitor(context, 'status');
  const path = file === '-' ? file : await placeOfFile(context, '--prometheus', file, '- is standard output');
  const found = await survey(context.ports, warn, ['stats']);
  const head = await headOf(context, options, found);
  const state = found.role?.state;
  const active = state === undefined || state === 'unknown' ? {} : { active: state === 'active' };
  const text = metricsText(statusMetrics({ ...head, version: context.version, ...active }, found.table));
  if (file === '-') {
    context.out(text);
    return EXIT.done;
  }
  if (!path.endsWith('.prom'))
    warn(`the textfile collector reads only files whose names end in .prom, not ${harmless(file)}`);
  try {
    await context.ports.files.replace(path, text, MODE);
  } catch (error) {
    throw fileFailure(`${harmless(file)} cannot be written`, error);
  }
  return EXIT.done;
}
