import { hear } from './hosts.js';
import type { Poll, ServerState, State, Weighed } from './poll.js';
import { weigh } from './weigh.js';

export interface Outcome {
  readonly state: State;
  /** By the key of the service. */
  readonly services: ReadonlyMap<string, readonly Weighed[]>;
}

/** One poll's work: what is known of every host, and the weight of every server. Changes nothing but its result. */
export function control(old: State, poll: Poll): Outcome {
  const hosts = hear(old, poll);
  const servers: Record<string, Readonly<Record<string, ServerState>>> = {};
  const services = new Map<string, readonly Weighed[]>();
  for (const service of poll.services) {
    const { weighed, kept } = weigh(service, old, hosts, poll);
    services.set(service.key, weighed);
    servers[service.key] = kept;
  }
  return { state: { hosts, servers }, services };
}
