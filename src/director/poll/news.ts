import type { Damage } from '../../state/documents.js';
import type { Kept } from '../../state/estimator.js';
import type { Event } from '../../state/events.js';
import { ESTIMATOR, POLLING } from '../../state/paths.js';
import type { Measured } from '../../state/polling.js';
import { compared } from '../../weights/clock.js';
import { isAbsurd } from '../../weights/estimator.js';
import type { State } from '../../weights/poll.js';
import { place } from '../../table/overlay.js';
import type { Heard } from './agents.js';

/** What is to be told of machines, by their names: of those that are well, nothing. @param now as of `Poll` */
export function problemsOf(heard: Heard, known: State, now: number): Record<string, string> {
  return Object.fromEntries(
    heard.machines.flatMap(({ name }) => {
      const problem = problemOf(name, heard, known, now);
      return problem === undefined ? [] : [[name, problem]];
    }),
  );
}

function problemOf(name: string, { asked }: Heard, { hosts }: State, now: number): string | undefined {
  const one = asked.get(name);
  if (!one) return undefined;
  if ('silent' in one) return `silent: ${one.silent}`;
  const { readiness, counters } = one.answer;
  if (readiness !== undefined && readiness !== 'ready') return `asks for ${readiness}`;
  const clock = hosts[name]?.clock;
  const isWrong = counters ? compared(clock, counters, now).isWrong : clock?.isWrong;
  if (isWrong) return 'not believed: its clock does not go as fast as the one here';
  if (!counters) return undefined;
  const before = Object.values(hosts[name]?.estimates ?? {});
  const isLie = before.some(old => isAbsurd(old.counters, counters));
  return isLie ? 'not believed: its counters go back, or count more than there was' : undefined;
}

const WELL = 'answers, and asks for nothing';
const UNASKED = 'not asked any more';

/** Each change once, however often it is found. @param asked by name: of another machine nobody knows how it is */
export function agentEvents(
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
  asked: Heard['asked'],
): Event[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].flatMap((name): Event[] => {
    const [was, is] = [before[name], after[name]];
    if (was === is) return [];
    const isWell = is === undefined && asked.has(name);
    return [
      {
        event: isWell ? 'agent-well' : 'agent',
        cause: name,
        ...(was === undefined ? {} : { before: was }),
        after: is ?? (isWell ? WELL : UNASKED),
      },
    ];
  });
}

/** What has become of the files of the last poll since: this poll makes both of them anew. */
export function fileEvents(
  kept: Kept | undefined,
  damage: Damage | undefined,
  measured: Measured | undefined,
): Event[] {
  if (damage) return [{ event: 'remeasured', cause: damage.why }];
  if (!kept) return measured ? [{ event: 'remeasured', cause: `${ESTIMATOR} is not there` }] : [];
  if (!measured || measured.isSpare)
    return [{ event: 'remeasured', cause: `${POLLING} is not there, or was damaged` }];
  // Those of another poll say something else by right.
  if (kept.host !== measured.host || kept.polled.at !== measured.at) return [];
  const own = new Map(
    Object.entries(kept.weighed).flatMap(([service, servers]) =>
      servers.map(({ key, weight }) => [place({ service, server: key }), weight] as const),
    ),
  );
  const isSame =
    measured.weights.length === own.size && measured.weights.every(one => own.get(place(one)) === one.weight);
  return isSame ? [] : [{ event: 'remeasured', cause: `${POLLING} or ${ESTIMATOR} was edited by hand` }];
}
