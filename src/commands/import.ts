import { readMark } from '../config/import/rules.js';
import { type Reading, readTableRules } from '../config/read.js';
import { writeYaml } from '../config/yaml/write.js';
import type { Match } from '../cluster/service.js';
import { quote } from '../diagnostic/quote.js';
import { readLive } from '../director/kernel.js';
import { tableLines, timeoutsLine } from '../table/format.js';
import { countsText, diagnosticText } from '../view/diagnostics.js';
import { jsonText } from '../view/json.js';
import type { Context, Options, Run } from './context.js';
import { diagnosticsJson, knownPorts, readBytes, readNamed } from './description.js';
import { EXIT, Failure } from './exit.js';

export const run: Run = async (context, [form = '', file], options) => {
  const { cluster, diagnostics, name } = await reading(context, form, file, options);
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

async function reading(
  context: Context,
  form: string,
  file: string | undefined,
  options: Options,
): Promise<Reading & { readonly name: string }> {
  if (form === 'lvs.conf') return readNamed(context, file ?? '-', 'classic');
  const ports = await knownPorts(context);
  const marks = new Map<string, Match[]>();
  const entries = typeof options['match'] === 'string' ? options['match'].split(',') : [];
  for (const text of entries) {
    const found = readMark(text, ports);
    if (!found) {
      const help = 'write MARK=ADDRESS:PORT/PROTOCOL, such as 7=192.0.2.1:80/tcp';
      throw new Failure(EXIT.usage, `--match cannot be ${quote(text)}`, help);
    }
    marks.set(found.service, [...(marks.get(found.service) ?? []), found.match]);
  }
  if (form === 'kernel' && file !== undefined)
    throw new Failure(EXIT.usage, 'import kernel reads no file', 'a saved table is read by import ipvsadm');
  const read = form === 'kernel' ? await kernelRules(context) : await readBytes(context, file ?? '-');
  if ('problem' in read) return { name: read.name, diagnostics: [read.problem] };
  return { name: read.name, ...readTableRules(read.bytes, read.name, ports, marks) };
}

/** The running table as rules, with the limits and timeouts that `ipvsadm -Sn` leaves out. */
async function kernelRules({ ports }: Context): Promise<{ name: string; bytes: Uint8Array }> {
  const { table } = await readLive(ports);
  const lines = [...tableLines(table), timeoutsLine(table)];
  return { name: 'kernel', bytes: new TextEncoder().encode(`${lines.join('\n')}\n`) };
}
