import { createHash } from 'node:crypto';
import * as z from '../diagnostic/zod.js';
import { readDocument, readIfThere, writeDocument } from '../state/documents.js';
import { StateFailure } from '../state/failure.js';
import { isAnyWaiting } from '../state/inbox.js';
import { currentNumber, generationPath } from '../state/generations.js';
import { HEALTH, LINGERING, OPERATOR, POLLING, RUN_FOLDER } from '../state/paths.js';
import { number, words } from '../state/values.js';
import type { Files, Ports, Runner, RunResult } from '../system/ports.js';
import type { CheckerName } from './checker-state.js';
import { DUMPS, readDumps } from './kernel.js';

/**
 * What an apply left nothing to do for, so that the same one once more is known to have nothing to do without reading
 * any of it: digests of all that it has read. Time changes nothing of it, or it is not kept.
 */
const PROOF = `${RUN_FOLDER}/unchanged.json`;

/** Whoever reads a description may read it otherwise in another version, and with other names of ports. */
export interface Asked {
  /** The file: its path, and what is in it. */
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly version: string;
}

/** What such an apply says. */
export interface Unchanged {
  readonly generation: number;
  /** Services of others, by `serviceKey`. */
  readonly foreign: readonly string[];
  /** The checker that has to run on this host. */
  readonly checker?: CheckerName;
}

const digest = z.string().regex(/^[0-9a-f]{64}$/);
const schema = z.strictObject({
  asked: digest,
  state: digest,
  table: digest,
  generation: number,
  foreign: z.array(words),
  checker: z.enum(['keepalived', 'mon']).exactOptional(),
});
type Proof = z.infer<typeof schema>;

/** A runner that keeps what the kernel's table was when it was read last. */
export class Remembering implements Runner {
  readonly #printed = new Map<string, string>();
  readonly follow: Runner['follow'];

  constructor(private readonly runner: Runner) {
    this.follow = runner.follow.bind(runner);
  }

  async run(...[program, args, options]: Parameters<Runner['run']>): Promise<RunResult> {
    const result = await this.runner.run(program, args, options);
    if (program === 'ipvsadm') this.#printed.set(args.join(' '), result.stdout);
    return result;
  }

  /** Undefined where it has not been read whole. */
  table(): string | undefined {
    const printed = DUMPS.map(args => this.#printed.get(args.join(' ')));
    return printed.every(text => text !== undefined) ? tableDigest(printed) : undefined;
  }
}

/** Keeps what an apply has left, under the lock under which it was made. A file that cannot be kept is no failure. */
export async function remember(
  files: Files,
  asked: Asked,
  left: Unchanged,
  table: string | undefined,
): Promise<void> {
  const state = await stateDigest(files);
  if (table === undefined || state === undefined) return;
  const proof: Proof = {
    asked: await askedDigest(files, asked),
    state,
    table,
    ...left,
    foreign: [...left.foreign],
  };
  await writeDocument(files, PROOF, proof).catch((error: unknown) => {
    if (!(error instanceof StateFailure)) throw error;
  });
}

/** Whether it is worth to take the lock: the same was asked before. */
export async function isAskedAgain(files: Files, asked: Asked): Promise<boolean> {
  const proof = await readProof(files);
  return proof !== undefined && proof.asked === (await askedDigest(files, asked));
}

/**
 * What an apply would say, where it is known to have nothing to do; undefined: it has to look. Under the lock.
 *
 * @throws KernelFailure
 */
export async function unchanged(ports: Ports, asked: Asked): Promise<Unchanged | undefined> {
  const proof = await readProof(ports.files);
  if (proof?.asked !== (await askedDigest(ports.files, asked))) return undefined;
  if (proof.state !== (await stateDigest(ports.files))) return undefined;
  if (proof.table !== tableDigest(await readDumps(ports))) return undefined;
  const { generation, foreign, checker } = proof;
  return { generation, foreign, ...(checker ? { checker } : {}) };
}

/** One that cannot be read proves nothing. */
async function readProof(files: Files): Promise<Proof | undefined> {
  try {
    return await readDocument(files, PROOF, schema);
  } catch (error) {
    if (error instanceof StateFailure) return undefined;
    throw error;
  }
}

function digestOf(parts: readonly (Uint8Array | string | undefined)[]): string {
  const hash = createHash('sha256');
  // The length before each keeps the end of one from being the begin of the next.
  for (const part of parts) hash.update(part === undefined ? '-' : `${part.length} `).update(part ?? '');
  return hash.digest('hex');
}

async function askedDigest(files: Files, { name, bytes, version }: Asked): Promise<string> {
  return digestOf([version, name, bytes, await readIfThere(files, '/etc/services')]);
}

/** What else decides on the table; undefined where something is about to change, or whoever looks finds it damaged. */
async function stateDigest(files: Files): Promise<string | undefined> {
  try {
    const current = await currentNumber(files);
    if (current === undefined || (await readIfThere(files, LINGERING))) return undefined;
    if (await isAnyWaiting(files)) return undefined;
    const paths = [generationPath(current), OPERATOR, POLLING, HEALTH];
    return digestOf(await Promise.all(paths.map(path => readIfThere(files, path))));
  } catch (error) {
    if (error instanceof StateFailure) return undefined;
    throw error;
  }
}

/** Without the connections, which come and go. */
function tableDigest(printed: readonly string[]): string {
  return digestOf(printed.map(text => text.replaceAll(/^( +-> \S+ +\d+ +\d+).*$/gm, '$1')));
}
