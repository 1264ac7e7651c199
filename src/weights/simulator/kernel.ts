/** One server of the table. */
export interface Destination {
  weight: number;
  active: number;
  /** After its end a connection is kept for the client's last packets. */
  inactive: number;
  connections: number;
}

export type Pick = () => number;

export interface Scheduler {
  /** The index of the server for the next connection; -1: none. */
  readonly pick: Pick;
  /** The kernel is told that weights have changed. */
  readonly changed: () => void;
}

const nothing = (): void => {};

/** In turn, by weight: ip_vs_wrr.c. A change starts again at the head of the list. */
export function wrr(servers: readonly Destination[]): Scheduler {
  let [at, current, step, most] = [-1, 0, 1, 0];
  const changed = (): void => {
    step = servers.reduce((sum, { weight }) => gcd(sum, weight), 0) || 1;
    most = Math.max(0, ...servers.map(one => one.weight)) - (step - 1);
    at = -1;
    if (current > most || current === 0) current = most;
    else if (step > 1) current = Math.floor(current / step) * step + 1;
  };
  changed();
  const pick = (): number => {
    if (most <= 0) return -1;
    for (;;) {
      at++;
      if (at >= servers.length) {
        at = 0;
        current -= step;
        if (current <= 0) current = most;
      }
      if (servers[at]!.weight >= current && servers[at]!.weight > 0) return at;
    }
  };
  return { pick, changed };
}

/** In turn: ip_vs_rr.c. */
export function rr(servers: readonly Destination[]): Scheduler {
  let at = -1;
  const pick = (): number => {
    for (let tries = 0; tries < servers.length; tries++) {
      at = (at + 1) % servers.length;
      if (servers[at]!.weight > 0) return at;
    }
    return -1;
  };
  return { pick, changed: nothing };
}

/** The fewest connections for the weight, active ones counting 256 times: ip_vs_wlc.c, ip_vs_dest_conn_overhead. */
export function wlc(servers: readonly Destination[]): Scheduler {
  return { pick: () => least(servers, ({ active, inactive }) => active * 256 + inactive), changed: nothing };
}

/** The shortest expected delay: ip_vs_sed.c. */
function sed(servers: readonly Destination[]): Scheduler {
  return { pick: () => least(servers, ({ active }) => active + 1), changed: nothing };
}

function least(servers: readonly Destination[], overhead: (one: Destination) => number): number {
  let best = -1;
  let bestOverhead = 0;
  for (const [index, one] of servers.entries()) {
    if (one.weight <= 0) continue;
    const own = overhead(one);
    if (best >= 0 && bestOverhead * one.weight <= own * servers[best]!.weight) continue;
    best = index;
    bestOverhead = own;
  }
  return best;
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}

export const SCHEDULERS = { rr, wrr, wlc, sed } as const;

export type Scheduling = keyof typeof SCHEDULERS;
