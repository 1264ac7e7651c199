import type { Law } from '../../cluster/service.js';
import type { Answer } from '../answer.js';
import { control } from '../controller.js';
import { kindOf, NOTHING_KNOWN, type State } from '../poll.js';
import { integers } from '../quantiser.js';
import type { Power } from './machine.js';
import type { Policy, Seen, View } from './policy.js';
import type { Setting } from './run.js';

const all = ({ speed, cpus }: Power): number => speed * cpus;

/** Weights as the machines are, known at once. */
export function perfect({ scheduler }: Pick<Setting, 'scheduler'>): Policy {
  const weights = (machines: readonly Power[]): number[] =>
    integers(machines.map(all), kindOf(scheduler === 'rr' ? 'wrr' : scheduler));
  return { start: weights, poll: () => undefined, know: weights };
}

/** The same weights for ever. */
export function fixed(weights: (machines: readonly Power[]) => readonly number[]): Policy {
  return { start: weights, poll: () => undefined };
}

export const equal: Policy = fixed(machines => machines.map(() => 1));

/** The controller that runs on directors, with an agent on each machine. */
export function controlled(
  { scheduler }: Pick<Setting, 'scheduler'>,
  law: Law,
  options: {
    readonly configured?: (machines: readonly Power[]) => readonly number[];
    readonly counters?: boolean;
  } = {},
): Policy {
  const { configured = machines => machines.map(() => 1), counters = true } = options;
  let state: State = NOTHING_KNOWN;
  let weights: readonly number[] = [];
  const poll = ({ now, period, servers: all }: View): number[] => {
    const servers = all.map((one, index) => ({ ...one, index })).filter(({ isThere }) => isThere);
    const answers = new Map<string, Answer>();
    for (const one of servers) {
      const answer = answerOf(one, counters);
      if (answer) answers.set(String(one.index), answer);
    }
    const outcome = control(state, {
      now,
      period,
      answers,
      cpus: new Map(servers.map(({ power, index }) => [String(index), power.cpus])),
      services: [
        {
          key: 'service',
          scheduler,
          law,
          servers: servers.map(({ destination, index }) => ({
            host: String(index),
            key: String(index),
            configured: weights[index]!,
            counted: {
              connections: destination.connections,
              active: destination.active,
              isOpen: destination.weight > 0,
            },
          })),
        },
      ],
    });
    ({ state } = outcome);
    const found = new Map(outcome.services.get('service')!.map(({ key, weight }) => [Number(key), weight]));
    return all.map((_, index) => found.get(index) ?? 0);
  };
  return {
    start: machines => {
      weights = configured(machines);
      return weights;
    },
    poll,
  };
}

function answerOf({ busy, boot, up, power, load1 }: Seen, counters: boolean): Answer | undefined {
  if (busy === undefined) return undefined;
  if (!counters) return { load: load1 };
  return {
    load: load1,
    counters: { boot: String(boot), time: up * 1000, cpus: power.cpus, busy: Math.round(busy * 1000) },
  };
}
