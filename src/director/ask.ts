import { endpoint } from '../cluster/address.js';
import type { Placed } from '../cluster/find.js';
import { kernelPort, serviceKey } from '../cluster/naming.js';
import type { Due } from '../state/moment.js';
import {
  drain,
  type Operator,
  type OperatorEntry,
  planDrain,
  setWeight,
  type Stamp,
  undrain,
  type Wish,
} from '../state/operator.js';
import { type Place, place } from '../table/overlay.js';

/** What an operator asks of servers. `lasts`: milliseconds after which it ends by itself. */
export type Ask =
  | { readonly verb: 'drain'; readonly wish: Wish; readonly lasts?: number; readonly when?: Due }
  /** `slowStart`: milliseconds in which the weight comes back; absent = as the service has it. */
  | { readonly verb: 'undrain'; readonly wish: Wish; readonly slowStart?: number }
  /** Without a value the operator says nothing of the weight any more. */
  | { readonly verb: 'weight'; readonly wish: Wish; readonly lasts?: number; readonly value?: number };

/** Where the kernel has a server. */
export function placeOf({ service, server }: Placed): Place {
  return {
    service: serviceKey(service.virtual),
    server: endpoint(server.address, kernelPort(service, server)),
  };
}

/** What has been said of a server until now. */
export function entryOf({ entries }: Operator, placed: Placed): OperatorEntry | undefined {
  const key = place(placeOf(placed));
  return entries.find(one => place(one) === key);
}

/** Whether it is so already, and asking once more changes nothing. */
export function isSo(ask: Ask, entry: OperatorEntry | undefined): boolean {
  switch (ask.verb) {
    case 'drain': {
      const { planned, drain: begun } = entry ?? {};
      if (ask.when === undefined) return begun !== undefined && !planned && isSaid(begun, ask);
      // A time from now on is another one each time; one of the clock is the same.
      const { when } = ask;
      const same = planned !== undefined && 'at' in when && 'at' in planned.due && when.at === planned.due.at;
      return same && planned.lasts === ask.lasts && isReason(planned, ask.wish);
    }
    case 'undrain':
      return entry?.drain === undefined && entry?.planned === undefined;
    case 'weight': {
      const { weight } = entry ?? {};
      if (ask.value === undefined) return weight === undefined;
      return weight?.value === ask.value && isSaid(weight, ask);
    }
  }
}

/** A duration begins anew each time it is asked for. */
function isSaid(
  said: { readonly reason?: string; readonly expires?: Due },
  { wish, lasts }: { readonly wish: Wish; readonly lasts?: number },
): boolean {
  return lasts === undefined && said.expires === undefined && isReason(said, wish);
}

/** Who gives no reason has no other one. */
function isReason(said: { readonly reason?: string }, { reason }: Wish): boolean {
  return reason === undefined || reason === said.reason;
}

/** What operators have said once this is asked of these servers. */
export function asked(operator: Operator, ask: Ask, servers: readonly Placed[], stamp: Stamp): Operator {
  const places = servers.map(placeOf);
  const lasts = 'lasts' in ask ? { lasts: ask.lasts } : {};
  switch (ask.verb) {
    case 'drain':
      return ask.when === undefined
        ? drain(operator, places, { ...ask.wish, ...lasts }, stamp)
        : planDrain(operator, places, { ...ask.wish, ...lasts }, ask.when, stamp);
    case 'weight':
      return setWeight(operator, places, ask.value, { ...ask.wish, ...lasts }, stamp);
    case 'undrain':
      return servers.reduce((before, one) => {
        const slowStart = ask.slowStart ?? one.service.slowStart ?? 0;
        return undrain(before, [placeOf(one)], slowStart, stamp);
      }, operator);
  }
}
