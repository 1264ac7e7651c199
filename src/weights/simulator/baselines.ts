import type { Policy, Seen } from './policy.js';

const ones = (machines: readonly unknown[]): number[] => machines.map(() => 1);

/** The idle share by load1, in percent: the original of 2007, as its description is read here. */
export const idleByLoad: Policy = {
  start: ones,
  poll: ({ servers }) => servers.map(({ load1, power }) => percent(1 - load1 / power.cpus)),
};

/** The idle share by processor time since the last poll, in percent. */
export function idleByProcessors(): Policy {
  const last = new Map<number, number>();
  return {
    start: ones,
    poll: ({ servers, period }) =>
      servers.map(({ busy = 0, power }, index) => {
        const used = busy - (last.get(index) ?? 0);
        last.set(index, busy);
        return percent(1 - used / (period * power.cpus));
      }),
  };
}

/** Zhang's dynamic feedback: w += 5·∛(.95 − load), from the paper "Creating Linux Virtual Servers" (1998). */
export function zhang(): Policy {
  const last = new Map<number, number>();
  let weights: number[] = [];
  return {
    start: machines => (weights = machines.map(() => 10)),
    poll: ({ servers, period }) => {
      weights = servers.map(({ busy = 0, power }: Seen, index) => {
        const used = (busy - (last.get(index) ?? 0)) / (period * power.cpus);
        last.set(index, busy);
        return Math.min(100, Math.max(1, weights[index]! + 5 * Math.cbrt(0.95 - used)));
      });
      return weights.map(Math.round);
    },
  };
}

function percent(share: number): number {
  return Math.max(1, Math.min(100, Math.round(share * 100)));
}
