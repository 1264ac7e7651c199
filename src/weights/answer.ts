/** What an agent has counted since its host was booted. Times are microseconds. */
export interface Counters {
  /** Names the boot: another one starts all counters anew. */
  readonly boot: string;
  readonly time: number;
  readonly cpus: number;
  /** Of all processors together, time stolen by the machine below included. */
  readonly busy: number;
}

export type Readiness = 'ready' | 'drain' | 'maint';

/** What one agent has said. Nothing of it is believed beyond its bounds. */
export interface Answer {
  /** Of the last minute, as uptime(1) has it. */
  readonly load?: number;
  readonly counters?: Counters;
  /** Of 1; HAProxy's agents say it in percent. */
  readonly share?: number;
  readonly readiness?: Readiness;
}

/** Bytes of an answer that are read. */
export const LONGEST_ANSWER = 1024;

const LOAD = /load averages?:\s*(\d{1,7}(?:[.,]\d{1,4})?)[,\s]/;
const SAFE = Number.MAX_SAFE_INTEGER;

/**
 * Reads an answer: the line of uptime(1), in any locale that Debian has; `lvsctl/1 KEY=VALUE...` with cumulative counters;
 * the words of HAProxy's agent check (its documentation, `agent-check`).
 *
 * @returns undefined for what is none of them
 */
export function readAnswer(text: string): Answer | undefined {
  const lines = text.slice(0, LONGEST_ANSWER).split(/\r?\n/);
  // The end of a line that is not there yet, or was cut off, may hold a part of a number.
  lines.pop();
  const load = lines.map(line => LOAD.exec(`${line} `)?.[1]).find(found => found !== undefined);
  const own = lines.find(line => line.startsWith('lvsctl/1 '));
  const fields = own === undefined ? undefined : fieldsOf(own);
  const counters = fields && countersOf(fields);
  const words = load === undefined && !fields ? wordsOf(lines) : {};
  const state = fields?.get('state');
  const answer: Answer = {
    ...words,
    ...(load === undefined ? {} : { load: Number(load.replace(',', '.')) }),
    ...(counters ? { counters } : {}),
    ...(isReadiness(state) ? { readiness: state } : {}),
  };
  return Object.keys(answer).length === 0 ? undefined : answer;
}

function fieldsOf(line: string): Map<string, string> {
  const words = line.trim().split(' ').slice(1);
  return new Map(
    words.flatMap(word => {
      const at = word.indexOf('=');
      return at > 0 ? [[word.slice(0, at), word.slice(at + 1)] as const] : [];
    }),
  );
}

function countersOf(fields: ReadonlyMap<string, string>): Counters | undefined {
  const boot = fields.get('boot') ?? '';
  const [time, cpus, busy, steal] = ['t_us', 'cpus', 'busy_us', 'steal_us'].map(key =>
    numberOf(fields.get(key)),
  );
  if (!/^[\w-]{1,64}$/.test(boot) || time === undefined || busy === undefined) return undefined;
  if (cpus === undefined || cpus <= 0 || cpus > 65_536) return undefined;
  return { boot, time, cpus, busy: busy + (steal ?? 0) };
}

/** 0 or more; a container may have half a processor. */
function numberOf(text: string | undefined): number | undefined {
  if (text === undefined || !/^\d{1,16}(\.\d{1,6})?$/.test(text)) return undefined;
  const value = Number(text);
  return value <= SAFE ? value : undefined;
}

function isReadiness(word: string | undefined): word is Readiness {
  return word === 'ready' || word === 'drain' || word === 'maint';
}

function wordsOf(lines: readonly string[]): Pick<Answer, 'share' | 'readiness'> {
  const [first = ''] = lines;
  let found: Pick<Answer, 'share' | 'readiness'> = {};
  for (const word of first.trim().split(/[\s,]+/)) {
    const percent = /^(\d{1,3})%$/.exec(word)?.[1];
    if (percent !== undefined) found = { ...found, share: Math.min(1, Number(percent) / 100) };
    else if (word === 'up') found = { ...found, readiness: 'ready' };
    else if (word === 'down' || word === 'stopped' || word === 'fail')
      found = { ...found, readiness: 'maint' };
    else if (isReadiness(word)) found = { ...found, readiness: word };
  }
  return found;
}
