import type { Cluster } from '../../cluster/cluster.js';
import type { Service } from '../../cluster/service.js';
import { failed, type Finding, judged, notRun } from '../drills/drill.js';
import { type Answer, type Losses, lossesOf } from '../watch.js';
import { successor } from './compare.js';

/** Services that are asked all the time, at most. */
export const MOST_ASKED = 24;

/** What clients of one service got, before and during a step. */
export interface Asking {
  readonly service: Service;
  readonly calm: Losses;
  readonly during: Losses;
  /** Seconds from the begin of the step to the first request that was lost in it. */
  readonly firstLost?: number;
}

/** @param begin when the step began, by the clock of the answers */
export function askingOf(service: Service, answers: readonly Answer[], begin: number): Asking {
  const during = answers.filter(one => one.seconds >= begin);
  const first = during.find(one => one.by === undefined);
  return {
    service,
    calm: lossesOf(answers.filter(one => one.seconds < begin)),
    during: lossesOf(during),
    ...(first === undefined ? {} : { firstLost: Math.round(first.seconds - begin) }),
  };
}

/**
 * What a step did to those who asked a service meanwhile.
 *
 * @param mayGo whether a service that the step takes away is none that anybody misses
 * @param control what became of requests that went to hosts directly, at the same time
 */
export function requestsFinding(asking: Asking, after: Cluster, mayGo: boolean, control: Losses): Finding {
  const { service, calm, during, firstLost } = asking;
  // That it answered before is known, also where the client began to ask in earnest only after the step had begun.
  if (during.requests === 0) return notRun('it was not asked');
  if (calm.lost > 0)
    return notRun(`${lossText(calm)} before anything was done: the lab is too busy to tell what is lost`);
  const lost = `${lossText(during)}${firstLost === undefined ? '' : `, the first after ${firstLost} s`}`;
  const figures = { requests: during.requests, lost: during.lost, silence: during.longest };
  const next = successor(service, after);
  if (during.lost === 0) return judged([], lost, figures);
  if (next === undefined) {
    const words = `${lost}: the step takes the service away`;
    return mayGo ? judged([], words, figures) : failed(`${words}, and its clients with it`, figures);
  }
  if (during.refused === 0 && control.lost > 0)
    return notRun(`${lost}, and so were requests past the director: the lab is too busy to tell`);
  if (next.scheduler !== service.scheduler) {
    const words = `${lost}: while the scheduler changes, the kernel has none for a moment, as the plan says`;
    // A moment is no more than that.
    return judged(during.longest > 3 ? [`${during.longest} s of silence`] : [], words, figures);
  }
  return failed(lost, figures);
}

/** `2 of 30 requests lost: 1 refused, 1 not answered; 1.2 s of silence at most`. */
export function lossText({ requests, lost, refused, longest }: Losses): string {
  if (lost === 0) return `${requests} requests, none lost`;
  const kinds = [
    ...(refused > 0 ? [`${refused} refused`] : []),
    ...(lost > refused ? [`${lost - refused} not answered`] : []),
  ];
  return `${lost} of ${requests} requests lost: ${kinds.join(', ')}; ${longest} s of silence at most`;
}
