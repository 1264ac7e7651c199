import { compared } from './clock.js';
import { type Balance, type Estimate, learn } from './estimator.js';
import { balanceOf, type HostState, type Poll, type Polled, type PolledService, type State } from './poll.js';

interface Place {
  readonly service: PolledService;
  readonly server: Polled;
}

/** What is known of every host after a poll. Who was silent keeps what was known. */
export function hear(old: State, { now, answers, services }: Poll): Record<string, HostState> {
  const places = new Map<string, Place[]>();
  for (const service of services) {
    for (const server of service.servers) {
      const own = places.get(server.host) ?? [];
      own.push({ service, server });
      places.set(server.host, own);
    }
  }
  const hosts: Record<string, HostState> = {};
  for (const [host, own] of places) {
    const known = old.hosts[host];
    const answer = answers.get(host);
    if (answer) {
      const { counters } = answer;
      const clock = counters ? compared(known?.clock, counters, now) : known?.clock;
      // Who gives no counters may do so again, as an agent whose application says nothing for a while.
      const kept = counters ? learnt(known, counters, own, old) : (known?.estimates ?? {});
      const estimates = clock?.isWrong ? {} : kept;
      const { readiness } = answer;
      const asks = readiness === 'drain' || readiness === 'maint' ? readiness : undefined;
      hosts[host] = {
        heard: now,
        ...(clock ? { clock } : {}),
        estimates,
        ...(asks ? { asks } : {}),
      };
    } else if (known) hosts[host] = { ...known, heard: Math.min(known.heard, now) };
  }
  return hosts;
}

function learnt(
  known: HostState | undefined,
  counters: Estimate['counters'],
  places: readonly Place[],
  old: State,
): HostState['estimates'] {
  const completions = completionsOf(places, old);
  const estimates: Partial<Record<Balance, Estimate>> = {};
  for (const { service } of places) {
    const balance = balanceOf(service.scheduler);
    estimates[balance] ??= learn(known?.estimates[balance], counters, completions, balance);
  }
  return estimates;
}

/** What a host has done for all its services; undefined where that, or what it was busy with, is not known. */
function completionsOf(places: readonly Place[], old: State): number | undefined {
  let sum = 0;
  let isOpen = false;
  for (const { service, server } of places) {
    const { counted } = server;
    const before = old.servers[service.key]?.[server.key]?.counted;
    if (!counted && !before) continue;
    // One of the two has begun anew.
    if (!counted || !before || counted.connections < before.connections) return undefined;
    sum += counted.connections - before.connections - (counted.active - before.active);
    isOpen ||= before.isOpen;
  }
  return isOpen ? sum : undefined;
}
