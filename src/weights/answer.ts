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

const OWN = 'lvsctl/1 ';
const LOAD = /load averages?:\s*(\d{1,7}(?:[.,]\d{1,4})?)[,\s]/;
const COUNTERS = ['t_us', 'cpus', 'busy_us', 'steal_us'] as const;
const SAFE = Number.MAX_SAFE_INTEGER;

/**
 * Reads an answer: the line of uptime(1), in any locale that Debian has; `lvsctl/1 KEY=VALUE...` with cumulative counters;
 * the words of HAProxy's agent check (its documentation, `agent-check`).
 *
 * @returns undefined for what is none of them
 */
export function readAnswer(text: string): Answer | undefined {
  const lines = text.slice(0, LONGEST_ANSWER).split(/\r?\n|\r/);
  // The end of a line that is not there yet, or was cut off, may hold a part of a number.
  const rest = lines.pop() ?? '';
  // Without its counters a host would be judged by its load alone.
  if (rest.startsWith(OWN) || (rest !== '' && OWN.startsWith(rest))) return undefined;
  const load = lines.map(line => LOAD.exec(`${line} `)?.[1]).find(found => found !== undefined);
  const own = lines.find(line => line.startsWith(OWN));
  const fields = own === undefined ? undefined : fieldsOf(own);
  if (fields && isAbsurd(fields)) return undefined;
  const counters = fields && countersOf(fields);
  const words = fields ? {} : wordsOf(lines);
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
  const boot = fields.get('boot');
  const [time, cpus, busy, steal = 0] = COUNTERS.map(key => numberOf(fields.get(key)));
  if (boot === undefined || time === undefined || cpus === undefined || busy === undefined) return undefined;
  // It wraps as each of them does.
  return { boot, time, cpus, busy: (busy + steal) % (SAFE + 1) };
}

/** Whether it gives a number that no host has. What else it says is not believed either. */
function isAbsurd(fields: ReadonlyMap<string, string>): boolean {
  const boot = fields.get('boot');
  const cpus = numberOf(fields.get('cpus')) ?? 1;
  return (
    (boot !== undefined && !/^[\w-]{1,64}$/.test(boot)) ||
    COUNTERS.some(key => fields.has(key) && numberOf(fields.get(key)) === undefined) ||
    cpus <= 0 ||
    cpus > 65_536
  );
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

/** Words of HAProxy's agent check that say nothing of a weight. */
const PASSED_OVER = /^maxconn:\d+$/;
const WORDS: ReadonlyMap<string, Readiness> = new Map([
  ['up', 'ready'],
  ['ready', 'ready'],
  ['drain', 'drain'],
  ['maint', 'maint'],
  ['down', 'maint'],
  ['failed', 'maint'],
  ['fail', 'maint'],
  ['stopped', 'maint'],
]);

/** What follows a # is a description. A line with any other word is no answer: prose must drain nobody. */
function wordsOf(lines: readonly string[]): Pick<Answer, 'share' | 'readiness'> {
  const [first = ''] = lines;
  let found: Pick<Answer, 'share' | 'readiness'> = {};
  for (const word of first
    .replace(/#.*/, '')
    .trim()
    .toLowerCase()
    .split(/[\s,]+/)) {
    const percent = /^(\d{1,3})%$/.exec(word)?.[1];
    const readiness = WORDS.get(word);
    if (percent !== undefined) found = { ...found, share: Math.min(1, Number(percent) / 100) };
    else if (readiness) found = { ...found, readiness };
    else if (!PASSED_OVER.test(word)) return {};
  }
  return found;
}
