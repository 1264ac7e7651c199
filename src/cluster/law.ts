import type { Polling } from './cluster.js';
import { entrances } from './naming.js';
import { SCHEDULERS } from './scheduler.js';
import type { Law, Service } from './service.js';

/** The law of a service: its own, else the polling's. */
export function lawOf({ law }: Pick<Service, 'law'>, polling: Polling): Law {
  return law ?? polling.law;
}

/** Whether what is measured moves the weights of a service. */
export function isMovable(service: Pick<Service, 'law' | 'scheduler'>, polling: Polling): boolean {
  return lawOf(service, polling) !== 'static' && SCHEDULERS[service.scheduler] === 'share';
}

/** Why what is measured does not move a service. */
export type Unmoved = 'no-polling' | 'static' | 'ignores-weights' | 'no-shares';

/** Undefined where it does. */
export function unmovedOf(
  service: Pick<Service, 'law' | 'scheduler'>,
  polling: Polling | undefined,
): Unmoved | undefined {
  if (!polling) return 'no-polling';
  if (isMovable(service, polling)) return undefined;
  if (lawOf(service, polling) === 'static') return 'static';
  return SCHEDULERS[service.scheduler] === 'nothing' ? 'ignores-weights' : 'no-shares';
}

const BY_LATENCY: ReadonlySet<Law> = new Set(['latency', 'lowest-latency']);

/** Whether a law goes by the time to a server's answer. */
export function isByLatency(law: Law): boolean {
  return BY_LATENCY.has(law);
}

/** Whether the servers of a service are timed for its weights, or would be if that could be done. */
export function isWeighedByLatency(service: Pick<Service, 'law' | 'scheduler'>, polling: Polling): boolean {
  return isMovable(service, polling) && isByLatency(lawOf(service, polling));
}

/**
 * Whether the time to a server's answer can be taken. TCP has its handshake. UDP has none, so the server has to be asked
 * something: that is known where its check asks for a name in the DNS.
 */
export function isTimed(service: Pick<Service, 'virtual' | 'check'>): boolean {
  return entrances(service)[0]!.protocol === 'tcp' || isAskable(service);
}

function isAskable(service: Pick<Service, 'virtual' | 'check'>): boolean {
  return entrances(service)[0]!.protocol === 'udp' && service.check.type === 'dns';
}

/** Whether a law asks what the check of a service asks, whoever is the checker. */
export function isAskedByLaw(service: Service, { polling }: { readonly polling?: Polling }): boolean {
  return polling !== undefined && isWeighedByLatency(service, polling) && isAskable(service);
}
