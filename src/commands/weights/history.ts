import { quote } from '../../diagnostic/quote.js';
import { readRunning } from '../../director/running.js';
import { entriesFrom, type Wanted } from '../../state/journal-entries.js';
import { momentNow } from '../../state/moment.js';
import { type Weight, WeightHistory } from '../../state/weight-history.js';
import { explain } from '../../table/explain.js';
import { type Place, place } from '../../table/overlay.js';
import { jsonText } from '../../view/json.js';
import { historyJson, historyText, type ServerHistory, type Span } from '../../view/weight-history.js';
import type { Context, Options, Run } from '../context.js';
import { EXIT, Failure } from '../exit.js';
import { keyOf, timeIn, wantedOf } from '../log/filter.js';
import { pastTime } from '../log/past-time.js';
import { teller } from '../log/teller.js';
import { visitor } from '../visit.js';

const USUAL = '6h';

/** Asks neither the kernel nor anybody else: it is what the journal has. */
export const run: Run = async (context, [name], options) => {
  const { ports, outStyle } = context;
  const { files, clock } = ports;
  const now = await momentNow(files, clock);
  const asked = spanOf(options, new Date(now.at));
  const service = name === undefined ? undefined : await keyOf(files, name);
  const { current, overlay } = await readRunning(files, now, visitor(context, 'weights').warn);
  const { history, since } = await read(context, asked, service);
  const span: Span = { ...asked, ...(since > asked.since ? { known: since } : {}) };
  const found = new Map<string, { name: string; readonly servers: ServerHistory[] }>();
  const seen = new Set<string>();
  const add = (at: Place, called: string, host: string | undefined, today: Weight | undefined): void => {
    if (service !== undefined && at.service !== service) return;
    seen.add(place(at));
    const own = found.get(at.service) ?? { name: called, servers: [] };
    found.set(at.service, own);
    const steps = history.steps(at, [since, span.until], today);
    own.servers.push({ name: at.server, ...(host === undefined ? {} : { host }), steps });
  };
  for (const { service: own, key, servers } of current ? explain(current.cluster, overlay) : [])
    for (const {
      key: server,
      server: { host },
      entry,
    } of servers)
      add({ service: key, server }, own.name, host, entry?.weight ?? null);
  // What ran in that time, and does no more.
  for (const at of history.places) if (!seen.has(place(at))) add(at, at.service, undefined, undefined);
  const all = [...found].map(([key, one]) => ({ key, ...one }));
  context.out(
    options['output'] === 'json'
      ? jsonText({ version: 1, ...historyJson(span, all) })
      : historyText(span, all, outStyle),
  );
  return EXIT.done;
};

/** @throws Failure (64) where it is no time, or none that is over */
function spanOf({ since }: Options, now: Date): Span {
  const text = typeof since === 'string' ? since : USUAL;
  const from = pastTime(text, now);
  if (from >= now.getTime())
    throw new Failure(
      EXIT.usage,
      `--since ${quote(text)} is not over yet`,
      'write 02:00, 2026-11-21, "2026-11-21 02:00" or 2h: something before now',
    );
  return { since: new Date(from).toISOString(), until: now.toISOString() };
}

/** What the journal tells of a time, and since when: of what was before its first entry nobody knows. */
async function read(
  context: Context,
  { since, until }: Span,
  service: string | undefined,
): Promise<{ readonly history: WeightHistory; readonly since: string }> {
  const isLater = await wantedOf(context, { since });
  const concerns: Wanted = line =>
    service === undefined ||
    line.includes(`"service":"${service}"`) ||
    line.includes('"event":"loaded"') ||
    line.includes('"event":"unloaded"');
  let began: string | undefined;
  const wanted: Wanted = line => {
    began ??= timeIn(line);
    return isLater(line) && concerns(line);
  };
  const history = new WeightHistory();
  const tell = teller(context, 'weights');
  const { files } = context.ports;
  for await (const batch of entriesFrom(files, wanted, undefined)) {
    tell.damaged(batch.damaged);
    for (const entry of batch.entries) history.add(entry);
  }
  tell.end();
  // A clock that was set back may have begun it after now.
  const first = began === undefined || began > until ? until : began;
  return { history, since: first > since ? first : since };
}
