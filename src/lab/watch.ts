import type { Match } from '../cluster/service.js';
import type { Host } from './lab.js';

/** What came of one request. */
export interface Answer {
  /** When it was sent, by the machine's clock. */
  readonly seconds: number;
  /** The index of the target. */
  readonly target: number;
  /** Who answered; undefined where nobody did. */
  readonly by?: string;
}

/** What clients lost. */
export interface Losses {
  readonly requests: number;
  readonly lost: number;
  /** Those of the lost that were over in less time than a client waits for an answer. */
  readonly refused: number;
  /** Seconds: how long the worst target gave no answer, from the last one before to the first one after. */
  readonly longest: number;
}

/** Seconds that lab/guest/ask.pl waits, less what clocks round. */
const PATIENCE = 0.95;

let number = 0;

/** A client that goes on asking while something happens. */
export class Watch {
  private constructor(
    private readonly client: Host,
    private readonly at: string,
  ) {}

  /** @param pause milliseconds between two requests to one target */
  static async start(client: Host, targets: readonly Match[], pause = 250): Promise<Watch> {
    const at = `/tmp/watch-${++number}`;
    const words = targets.map(({ address, port, protocol }) => `${protocol},${address},${port}`);
    const command = client.perl('ask', ['watch', pause, ...words]);
    await client.sh(`(setsid ${command} & echo $! >${at}.pid) </dev/null >>${at}.out 2>&1`);
    return new Watch(client, at);
  }

  /** Ends it. @returns what became of each request, in the order of the answers */
  async stop(): Promise<Answer[]> {
    const text = await this.client.sh(`kill -- "-$(cat ${this.at}.pid)"; cat ${this.at}.out`);
    return text.split('\n').flatMap(line => {
      const [, seconds, target, by] = /^(\d+\.\d+) (\d+) (\S+)$/.exec(line) ?? [];
      if (seconds === undefined || target === undefined || by === undefined) return [];
      return [{ seconds: Number(seconds), target: Number(target), ...(by === '-' ? {} : { by }) }];
    });
  }
}

export function lossesOf(answers: readonly Answer[]): Losses {
  const targets = new Map<number, Answer[]>();
  for (const answer of answers) {
    const list = targets.get(answer.target);
    if (list) list.push(answer);
    else targets.set(answer.target, [answer]);
  }
  const each = [...targets.values()];
  const longest = Math.max(0, ...each.map(longestSilence));
  return {
    requests: answers.length,
    lost: answers.filter(one => one.by === undefined).length,
    refused: each.reduce((sum, one) => sum + refusals(one), 0),
    longest: Math.round(longest * 10) / 10,
  };
}

/** A target is asked anew as soon as the answer before is there, or has been waited for; the last one may be either. */
function refusals(answers: readonly Answer[]): number {
  const isRefused = ({ seconds, by }: Answer, index: number): boolean => {
    const next = answers[index + 1];
    return by === undefined && next !== undefined && next.seconds - seconds < PATIENCE;
  };
  return answers.filter(isRefused).length;
}

/** Only a silence with a lost request in it is one. */
function longestSilence(answers: readonly Answer[]): number {
  let longest = 0;
  let before: number | undefined;
  let isLost = false;
  for (const { seconds, by } of answers) {
    if (by === undefined) {
      isLost = true;
      before ??= seconds;
      longest = Math.max(longest, seconds - before);
    } else {
      if (isLost && before !== undefined) longest = Math.max(longest, seconds - before);
      before = seconds;
      isLost = false;
    }
  }
  return longest;
}
