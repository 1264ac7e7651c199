import { resolve } from 'node:path';
import type { Cluster } from '../cluster/cluster.js';
import type { PortNames } from '../config/build/context.js';
import { MOST_BYTES } from '../config/decode.js';
import type { Form } from '../config/located.js';
import { portNames } from '../config/port-names.js';
import { type Reading, readDescription } from '../config/read.js';
import { diagnostic, type Diagnostic, hasErrors } from '../diagnostic/diagnostic.js';
import { harmless } from '../diagnostic/quote.js';
import { Source } from '../diagnostic/source.js';
import { countOf, countsText, diagnosticJson, diagnosticText } from '../view/diagnostics.js';
import type { Context, Options } from './context.js';
import { EXIT, Failure } from './exit.js';

export const DEFAULT_FILES = ['/etc/lvsctl/lvs.yaml', '/etc/lvsctl/lvs.conf'] as const;
const STANDARD_INPUT = '<stdin>';

export interface Description extends Reading {
  /** What the user called the file. */
  readonly name: string;
  /** The file as it is; empty where it could not be read. */
  readonly bytes: Uint8Array;
}

/** Reads what `--file` names, or the default description. */
export async function describe(context: Context, options: Options): Promise<Description> {
  return readNamed(context, await describedBy(context, options));
}

/** What `--file` says, or the default description. @throws Failure */
export async function describedBy(context: Context, options: Options): Promise<string> {
  const given = options['file'];
  return typeof given === 'string' ? given : await defaultFile(context);
}

/** A description by its name on the command line; `-` is standard input. */
export async function readNamed(context: Context, name: string, form?: Form): Promise<Description> {
  return await understood(context, await readBytes(context, name), form);
}

/** What a file says that has been read. */
export async function understood(context: Context, read: ReadBytes, form?: Form): Promise<Description> {
  if ('problem' in read) return { name: read.name, bytes: new Uint8Array(), diagnostics: [read.problem] };
  const ports = await knownPorts(context);
  const { name: shown, bytes } = read;
  return { name: shown, bytes, ...(await readDescription(bytes, shown, ports, form)) };
}

/** A file, or why it cannot be read. */
export type ReadBytes = { readonly name: string } & (
  | { readonly bytes: Uint8Array }
  | { readonly problem: Diagnostic }
);

/** A file by its name on the command line, and what messages call it; `-` is standard input. */
export async function readBytes(context: Context, name: string): Promise<ReadBytes> {
  const shown = name === '-' ? STANDARD_INPUT : harmless(name);
  const read = name === '-' ? await context.stdin(MOST_BYTES + 1) : await readFile(context, name);
  return 'code' in read ? { name: shown, problem: read } : { name: shown, bytes: read };
}

/** The names that this machine's /etc/services gives to ports. */
export async function knownPorts({ ports }: Context): Promise<PortNames> {
  const services = await ports.files.read('/etc/services').then(
    bytes => new TextDecoder().decode(bytes),
    // Without the file only names of ports are unknown, and each is reported where it stands.
    () => '',
  );
  return portNames(services);
}

/** The cluster, or a failure with exit code 78 after all that is wrong has been shown. */
export async function clusterOf(
  context: Context,
  options: Options,
): Promise<{ cluster: Cluster; name: string; text: string }> {
  const description = await describe(context, options);
  const cluster = usable(context, options, description);
  return { cluster, name: description.name, text: new TextDecoder().decode(description.bytes) };
}

/** Shows what there is to say of a description. @throws Failure where it cannot be used */
export function usable(context: Context, options: Options, description: Omit<Description, 'bytes'>): Cluster {
  const { cluster, diagnostics, name } = description;
  const shown = diagnostics.filter(one => one.severity !== 'hint');
  for (const one of shown) context.err(`${diagnosticText(one, context.errStyle)}\n`);
  if (cluster && !isRefused(diagnostics, options)) return cluster;
  throw new Failure(EXIT.invalid, `${name} cannot be used: ${countsText(shown) ?? 'no cluster in it'}`);
}

/** Whether the diagnostics forbid to go on. */
export function isRefused(diagnostics: readonly Diagnostic[], options: Options): boolean {
  return hasErrors(diagnostics) || (options['strict'] === true && countOf(diagnostics, 'warning') > 0);
}

/** The diagnostics as the value of a JSON result. */
export function diagnosticsJson(diagnostics: readonly Diagnostic[]): object {
  return {
    diagnostics: diagnostics.map(diagnosticJson),
    errors: countOf(diagnostics, 'error'),
    warnings: countOf(diagnostics, 'warning'),
    hints: countOf(diagnostics, 'hint'),
  };
}

async function defaultFile(context: Context): Promise<string> {
  const found = await foundFile(context);
  if (found !== undefined) return found;
  throw new Failure(
    EXIT.usage,
    `there is neither ${DEFAULT_FILES.join(' nor ')}`,
    'name the description with -f FILE',
  );
}

/** The description that is meant where none is named; undefined where there is none. */
export async function foundFile({ ports }: Context): Promise<string | undefined> {
  for (const path of DEFAULT_FILES) if (await ports.files.look(path)) return path;
  return undefined;
}

async function readFile(context: Context, name: string): Promise<Uint8Array | Diagnostic> {
  const source = new Source(harmless(name), '');
  const path = resolve(context.workingDirectory, name);
  const { files } = context.ports;
  const failure = (message: string): Diagnostic => diagnostic('unreadable-file', { message, source });
  try {
    const entry = await files.look(path);
    if (!entry) return failure('there is no such file');
    if (entry.kind === 'folder') return failure('this is a folder, not a file');
    return await files.read(path, MOST_BYTES + 1, context.stop);
  } catch (error) {
    if (context.stop.aborted) throw new Failure(EXIT.interrupted, 'interrupted: nothing was read');
    const { code } = error as NodeJS.ErrnoException;
    return failure(
      code === 'EACCES' ? 'permission denied' : `it cannot be read: ${code ?? (error as Error).message}`,
    );
  }
}
