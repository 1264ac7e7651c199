import { Buffer } from 'node:buffer';
import type { Accompany, Companion, RunResult } from '../system/ports.js';
import { LabFailure } from './failure.js';

export type ErrandResult = Omit<RunResult, 'missing'>;

export interface ErrandOptions {
  readonly input?: string;
  /** Milliseconds after which it is killed, with the programs of its group. */
  readonly timeout?: number;
  /** Process 1 of the host on which it runs, as the machine numbers it; absent: the machine itself. */
  readonly inside?: string;
}

interface Waiting {
  readonly resolve: (result: ErrandResult) => void;
  readonly reject: (error: Error) => void;
}

/** Milliseconds, for all that says nothing else: what takes seconds may take minutes where others keep the host busy. */
const TIMEOUT = 120_000;

/** Runs programs by lab/guest/errands.pl, which is started for the first and stays. */
export class Errands {
  readonly #waiting = new Map<string, Waiting>();
  #companion: Companion | undefined;
  #heard = Buffer.alloc(0);
  #ended: string | undefined;
  #count = 0;

  /** @param guest the folder lab/guest */
  constructor(
    private readonly accompany: Accompany,
    private readonly guest: string,
  ) {}

  /**
   * Runs a program and waits until it has ended, and whatever holds its output open.
   *
   * @throws LabFailure where nothing can be run any more; whatever the program does is a result
   */
  run(program: string, args: readonly string[], options: ErrandOptions = {}): Promise<ErrandResult> {
    const { input, timeout = TIMEOUT, inside = '' } = options;
    if (this.#ended !== undefined) return Promise.reject(new LabFailure(this.#ended));
    this.#companion ??= this.accompany(
      'perl',
      [`${this.guest}/errands.pl`],
      bytes => this.#hear(bytes),
      reason => this.#end(reason),
    );
    const id = String(++this.#count);
    const hasInput = input === undefined ? '0' : '1';
    const answer = new Promise<ErrandResult>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
    });
    this.#companion.await(true);
    this.#companion.tell(
      frame(
        [id, inside, String(timeout), hasInput, input ?? '', program, ...args].map(one => Buffer.from(one)),
      ),
    );
    return answer;
  }

  #hear(bytes: Uint8Array): void {
    this.#heard = Buffer.concat([this.#heard, bytes]);
    while (this.#heard.length >= 4) {
      const end = 4 + this.#heard.readUInt32BE(0);
      if (this.#heard.length < end) return;
      this.#answer(fieldsOf(this.#heard.subarray(4, end)));
      this.#heard = this.#heard.subarray(end);
    }
  }

  #answer([id, status, timedOut, stdout, stderr]: readonly string[]): void {
    const waiting = this.#waiting.get(id!);
    this.#waiting.delete(id!);
    if (this.#waiting.size === 0) this.#companion?.await(false);
    waiting?.resolve({
      exitCode: status === '' ? undefined : Number(status),
      timedOut: timedOut === '1',
      stdout: stdout!,
      stderr: stderr!,
    });
  }

  #end(reason: string): void {
    this.#ended = `nothing can be run on the lab's hosts: ${reason}`;
    for (const { reject } of this.#waiting.values()) reject(new LabFailure(this.#ended));
    this.#waiting.clear();
  }
}

/** As errands.pl describes it. */
function frame(fields: readonly Uint8Array[]): Uint8Array {
  const body = Buffer.concat(fields.flatMap(one => [lengthOf(one), one]));
  return Buffer.concat([lengthOf(body), body]);
}

function lengthOf(bytes: Uint8Array): Uint8Array {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return length;
}

function fieldsOf(body: Buffer): string[] {
  const fields: string[] = [];
  for (let at = 0; at < body.length; ) {
    const end = at + 4 + body.readUInt32BE(at);
    fields.push(body.toString('utf8', at + 4, end));
    at = end;
  }
  return fields;
}
