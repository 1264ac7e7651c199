import { writeYaml } from '../config/yaml/write.js';
import { countsText, diagnosticText } from '../view/diagnostics.js';
import { jsonText } from '../view/json.js';
import type { Run } from './context.js';
import { diagnosticsJson, readNamed } from './description.js';
import { EXIT, Failure } from './exit.js';

export const run: Run = async (context, [, file = '-'], options) => {
  const { cluster, diagnostics, name } = await readNamed(context, file, 'classic');
  if (options['output'] === 'json') {
    const yaml = cluster ? writeYaml(cluster) : null;
    context.out(jsonText({ version: 1, file: name, yaml, ...diagnosticsJson(diagnostics) }));
    return cluster ? EXIT.done : EXIT.invalid;
  }
  for (const one of diagnostics) context.err(`${diagnosticText(one, context.errStyle)}\n`);
  if (!cluster) {
    throw new Failure(
      EXIT.invalid,
      `${name} cannot be imported: ${countsText(diagnostics) ?? 'no cluster in it'}`,
    );
  }
  context.out(writeYaml(cluster, `Imported by lvsctl from ${name.replace(/[^\x20-\x7e]/g, '?')}`));
  return EXIT.done;
};
