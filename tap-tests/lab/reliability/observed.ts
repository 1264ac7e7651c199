/** What came of one request of lab/guest/load.pl. */
export interface Request {
  /** Seconds, by the machine's clock since its boot. */
  readonly sent: number;
  readonly took: number;
  /** The host that answered, or why none did. */
  readonly end: { readonly by: string } | { readonly lost: Loss };
}

/** `refused`: at once. `reset`: the connection ended without an answer. `silent`: nothing came in time. */
type Loss = 'refused' | 'reset' | 'silent';

/** The servers of the table from some moment on. */
export interface TableState {
  /** By the same clock. */
  readonly seconds: number;
  /** Weights, by `ADDRESS:PORT` of service and server, joined by `>`. */
  readonly weights: ReadonlyMap<string, number>;
}

/** What a file of lab/guest/load.pl says; a last line that was cut off is left out. */
export function parseLoad(text: string): Request[] {
  return text.split('\n').flatMap(line => {
    const [, sent, took, lost, by] =
      /^(\d+\.\d{3}) (\d+\.\d{3}) (?:-(refused|reset|silent)|(\w\S*))$/.exec(line) ?? [];
    if (sent === undefined) return [];
    const end = lost === undefined ? { by: by! } : { lost: lost as Loss };
    return [{ sent: Number(sent), took: Number(took), end }];
  });
}

/** What a file of lab/guest/table.pl says. */
export function parseTables(text: string): TableState[] {
  return text.split('\n').flatMap(line => {
    const [seconds = '', ...entries] = line.trim().split(' ');
    if (!/^\d+\.\d{3}$/.test(seconds)) return [];
    const weights = entries.map((entry): [string, number] => {
      const [names = '', weight] = entry.split('=');
      return [names.split('>').map(endpoint).join('>'), Number(weight)];
    });
    return [{ seconds: Number(seconds), weights: new Map(weights) }];
  });
}

/** `C0A82D1A:0050` → `192.168.45.26:80`: the kernel writes IPv4 addresses in this order. */
function endpoint(hex: string): string {
  const [address = '', port = ''] = hex.split(':');
  return `${(address.match(/../g) ?? []).map(one => Number.parseInt(one, 16)).join('.')}:${Number.parseInt(port, 16)}`;
}

/** What clients saw, and what became of the table, from one moment to another. */
export interface Outcome {
  readonly requests: number;
  readonly lost: Readonly<Record<Loss, number>>;
  /** Answered, but only after more than a second. */
  readonly slow: number;
  /** Seconds from the first lost request to the last one; 0 where at most one was lost. */
  readonly span: number;
  /** The longest time in which nobody got an answer, in seconds. */
  readonly gap: number;
}

const SLOW = 1;

/** @param from seconds, by the machine's clock */
export function outcomeOf(all: readonly Request[], from: number, to: number): Outcome {
  const requests = all.filter(({ sent }) => sent >= from && sent < to).toSorted((a, b) => a.sent - b.sent);
  const lost: Record<Loss, number> = { refused: 0, reset: 0, silent: 0 };
  const lostAt: number[] = [];
  for (const { sent, end } of requests) {
    if (!('lost' in end)) continue;
    lost[end.lost]++;
    lostAt.push(sent);
  }
  const answered = requests.filter(({ end }) => 'by' in end);
  const answers = [from, ...answered.map(({ sent, took }) => sent + took).toSorted((a, b) => a - b)];
  const gaps = answers.slice(1).map((at, index) => at - answers[index]!);
  return {
    requests: requests.length,
    lost,
    slow: answered.filter(({ took }) => took > SLOW).length,
    span: (lostAt.at(-1) ?? 0) - (lostAt[0] ?? 0),
    gap: Math.max(0, ...gaps),
  };
}

export function lostIn({ lost }: Pick<Outcome, 'lost'>): number {
  return lost.refused + lost.reset + lost.silent;
}

/**
 * Seconds from a moment until a server took no new connections any more, or did so again.
 *
 * @param entry as in `TableState.weights`
 * @returns undefined where that did not come until `to`
 */
export function changeAfter(
  states: readonly TableState[],
  entry: string,
  wanted: 'out' | 'in',
  from: number,
  to: number,
): number | undefined {
  const isThere = ({ weights }: TableState): boolean => (weights.get(entry) ?? 0) > 0;
  const before = states.findLast(({ seconds }) => seconds <= from);
  if (before && isThere(before) === (wanted === 'in')) return 0;
  const found = states.find(
    state => state.seconds > from && state.seconds < to && isThere(state) === (wanted === 'in'),
  );
  return found && found.seconds - from;
}

/** How often a server left the table between two moments. */
export function departures(states: readonly TableState[], entry: string, from: number, to: number): number {
  let count = 0;
  let wasThere = false;
  for (const { seconds, weights } of states) {
    const isThere = (weights.get(entry) ?? 0) > 0;
    if (wasThere && !isThere && seconds >= from && seconds < to) count++;
    wasThere = isThere;
  }
  return count;
}
