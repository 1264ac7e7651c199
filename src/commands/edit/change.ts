import { resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Cluster } from '../../cluster/cluster.js';
import type { Service } from '../../cluster/service.js';
import { list } from '../../diagnostic/quote.js';
import { editDescription, locate } from '../../config/edit/description.js';
import type { Edit } from '../../config/edit/edit.js';
import type { Described } from '../../config/edit/wish.js';
import type { Form } from '../../config/located.js';
import { formOf, readDescription } from '../../config/read.js';
import { writeYaml } from '../../config/yaml/write.js';
import type { Diagnostic } from '../../diagnostic/diagnostic.js';
import { Source } from '../../diagnostic/source.js';
import { emptiedBetween } from '../../director/judge.js';
import { readChecked } from '../../director/keepalived/held.js';
import { realPath } from '../../director/rewrite.js';
import { refuseOnStandby } from '../../director/role.js';
import { settleDue } from '../../director/settle.js';
import type { Generation } from '../../state/generation.js';
import { momentNow } from '../../state/moment.js';
import { readIntent } from '../../state/intent.js';
import { diagnosticText } from '../../view/diagnostics.js';
import { unifiedDiff } from '../../view/diff.js';
import { carryOut, ordersOf, wishFor } from '../apply.js';
import type { Context, Options } from '../context.js';
import { describe, knownPorts, usable } from '../description.js';
import { EXIT, Failure } from '../exit.js';
import { enter, visitor } from '../visit.js';
import { visibleLines } from './visible.js';

/** What is to become of a description: edits, or why it cannot be. */
export type Make = (described: Described) => readonly Edit[] | Diagnostic;

/** A description as text. */
interface Text {
  readonly name: string;
  readonly text: string;
  readonly form: Form;
  readonly cluster: Cluster;
}

/**
 * Edits the description in its file, and applies it.
 *
 * @param by what is asked for, for the history
 */
export async function change(context: Context, options: Options, by: string, make: Make): Promise<number> {
  if (options['file'] === '-') {
    throw new Failure(EXIT.usage, 'standard input cannot be edited', 'name the file of the description');
  }
  const description = await describe(context, options);
  // What it warns of is told of the edited one.
  const cluster = description.cluster ?? usable(context, options, description);
  const { name, bytes } = description;
  const { files } = context.ports;
  // What a killed run has left decides which generation runs.
  if (options['dryRun'] !== true && (await readIntent(files))) {
    await enter(context, visitor(context, by.split(' ')[0]!), settleDue);
  }
  const { current: running, overlay } = await readChecked(
    context.ports,
    await momentNow(files, context.ports.clock),
    visitor(context, by).warn,
  );
  if (!running) throw new Failure(EXIT.failed, 'nothing has been applied yet', '`lvsctl apply` comes first');
  await refuseOnStandby(running.cluster, context.ports, options['local'] === true);
  const text = new TextDecoder().decode(bytes);
  const old: Text = { name, text, form: formOf(name, text), cluster };
  const edited = await editedText(context, old, running, make);
  const next = await judged(context, options, { ...old, text: edited });
  if (options['force'] !== true) refuseEmptied(emptiedBetween([running.cluster, overlay], [next, overlay]));
  const patch = unifiedDiff(name, name, visibleLines(text), visibleLines(edited), context.outStyle);
  if (options['output'] !== 'json' && edited !== text) context.out(`${patch}\n`);
  const path = resolve(context.workingDirectory, String(options['file'] ?? name));
  const wish = wishFor(context, ordersOf(options), by, { cluster: next, path, text: edited });
  const file = {
    name,
    path: await realPath(files, path),
    before: bytes,
    after: encoded(edited, bytes),
  };
  // From what runs the edited description differs by the edit alone.
  return await carryOut(context, options, name, { ...wish, runs: running.number }, { file });
}

/** As a drain of the last server is refused. @throws Failure */
function refuseEmptied(lost: readonly Service[]): void {
  if (lost.length === 0) return;
  const names = list(
    lost.map(one => one.name),
    'and',
  );
  throw new Failure(
    EXIT.failed,
    `${names} would have no server left that takes connections; nothing is changed`,
    'with --force it is done all the same; `lvsctl service remove` takes a service away',
  );
}

/**
 * The text after the edit. Where the file differs from what runs, it may have been edited so already, by a run that was
 * killed; else somebody else is at work in it.
 *
 * @throws Failure
 */
async function editedText(context: Context, old: Text, running: Generation, make: Make): Promise<string> {
  if (isSame(old.cluster, running.cluster)) {
    const text = await edit(old, make);
    if (typeof text === 'string') return text;
    if (text) context.err(`${diagnosticText(text, context.errStyle)}\n`);
    throw new Failure(EXIT.failed, `${old.name} is not edited`);
  }
  if (await isDone(context, old, running, make)) return old.text;
  const before = textOf(running);
  const [one, other] =
    before.form === old.form && before.text !== old.text
      ? [before.text, old.text]
      : [writeYaml(running.cluster), writeYaml(old.cluster)];
  const names = [`generation ${running.number}, which runs`, old.name] as const;
  context.err(unifiedDiff(...names, visibleLines(one), visibleLines(other), context.errStyle));
  throw new Failure(
    EXIT.failed,
    `${old.name} differs from what runs in other ways: nothing is changed`,
    '`lvsctl apply` makes the file run; `lvsctl history --show N` prints what ran',
  );
}

async function isDone(context: Context, old: Text, running: Generation, make: Make): Promise<boolean> {
  const before = textOf(running);
  const text = await edit(before, make).catch((error: unknown) => {
    // It has no such service or server.
    if (error instanceof Failure) return undefined;
    throw error;
  });
  if (typeof text !== 'string') return false;
  const { cluster } = await read(context, { ...before, text });
  return cluster !== undefined && isSame(old.cluster, cluster);
}

function textOf({ description, cluster }: Generation): Text {
  const { name, text } = description;
  return { name, text, form: formOf(name, text), cluster };
}

/** @throws Failure what `make` throws */
async function edit(
  { name, text, form, cluster }: Text,
  make: Make,
): Promise<string | Diagnostic | undefined> {
  const source = new Source(name, text);
  const located = await locate(source, form);
  if (!located) return undefined;
  const edits = make({ located, cluster });
  return 'severity' in edits ? edits : await editDescription(source, form, edits);
}

/** The cluster of an edited text; what is wrong with it is shown, at its place in the new text. */
async function judged(context: Context, options: Options, text: Text): Promise<Cluster> {
  const { diagnostics, cluster } = await read(context, text);
  const name = `${text.name} with this edit`;
  return usable(context, options, { name, diagnostics, ...(cluster ? { cluster } : {}) });
}

async function read(context: Context, { name, text, form }: Text): ReturnType<typeof readDescription> {
  return await readDescription(new TextEncoder().encode(text), name, await knownPorts(context), form);
}

function isSame(one: Cluster, other: Cluster): boolean {
  const plain = (cluster: Cluster): unknown => JSON.parse(JSON.stringify(cluster));
  return isDeepStrictEqual(plain(one), plain(other));
}

/** As bytes, with the byte order mark that the file has. */
function encoded(text: string, before: Uint8Array): Uint8Array {
  const hasMark = before[0] === 0xef && before[1] === 0xbb && before[2] === 0xbf;
  return new TextEncoder().encode(hasMark ? `\ufeff${text}` : text);
}
