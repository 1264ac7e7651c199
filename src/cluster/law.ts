import type { Polling } from './cluster.js';
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
