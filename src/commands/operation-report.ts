import { formatDuration } from '../cluster/duration.js';
import { serverTitle } from '../cluster/find.js';
import { entryOf, placeOf } from '../director/ask.js';
import { holdingOf } from '../director/connections.js';
import type { Affected, Operation } from '../director/operate.js';
import { harmless, list } from '../diagnostic/quote.js';
import { type Moment, shown } from '../state/moment.js';
import type { Cause } from '../table/explain.js';
import type { Saying } from '../table/overlay.js';
import { planJson } from '../view/plan.js';
import { connections } from './await-connections.js';
import { localTime } from '../view/times.js';

/**
 * What becomes of each server, a line each.
 *
 * @param dry whether it is only what would become of it
 */
export function operationText(operation: Operation, now: Moment, dry: boolean): string {
  const lines = operation.servers.map(one => {
    const name = `${one.service.name} → ${serverTitle(one.service, one.server)}`;
    return one.changed
      ? `${name} ${changeText(operation, one, now, dry)}`
      : `nothing to do: ${name} ${alreadyText(operation, one, now)}`;
  });
  const isNow = !(operation.ask.verb === 'drain' && operation.ask.when);
  if (operation.templates === 'move' && isNow)
    lines.push('persistent clients go to other servers with their next connection');
  if (operation.templates === 'set')
    lines.push('for persistent clients net.ipv4.vs.expire_quiescent_template would be set to 1');
  return lines.map(line => `${line}\n`).join('');
}

function changeText(operation: Operation, affected: Affected, now: Moment, dry: boolean): string {
  const { ask } = operation;
  const { before, after } = affected;
  switch (ask.verb) {
    case 'drain': {
      if (!ask.when)
        return `${dry ? 'would be' : 'is'} drained${untilText(after.remark.drained, before.remark.drained)}; ${leftText(operation, affected)}`;
      const time = localTime(shown(ask.when, now));
      const lasting = ask.lasts === undefined ? '' : `, for ${formatDuration(ask.lasts)}`;
      return `${dry ? 'would' : 'will'} be drained at ${time}${lasting}`;
    }
    case 'undrain':
      if (!before.remark.drained)
        return `${dry ? 'would not' : 'will not'} be drained: that was only planned`;
      return `${dry ? 'would not be' : 'is not'} drained any more: ${weightText(affected)}`;
    case 'weight':
      return `${dry ? 'would have' : 'has'} ${weightText(affected)}${untilText(after.remark.weight, before.remark.weight)}`;
  }
}

function alreadyText({ ask, operator }: Operation, affected: Affected, now: Moment): string {
  const { drained, weight } = affected.after.remark;
  switch (ask.verb) {
    case 'drain': {
      const planned = entryOf(operator, affected)?.planned;
      return ask.when && planned
        ? `will be drained at ${localTime(shown(planned.due, now))}`
        : `is drained already${saidText(drained)}`;
    }
    case 'undrain':
      return 'is not drained';
    case 'weight':
      return weight ? `has that weight already${saidText(weight)}` : 'has no weight from an operator';
  }
}

function saidText(saying: Saying | undefined): string {
  if (!saying) return '';
  const reason = saying.reason === undefined ? '' : `: ${saying.reason.replaceAll('\n', ' ')}`;
  return harmless(`, by ${saying.author} since ${localTime(saying.since)}${reason}`);
}

/** When it ends; or that it ends no more, of which nobody may have thought who says it once more. */
function untilText(saying: Saying | undefined, before: Saying | undefined): string {
  if (saying?.expires !== undefined) return `, until ${localTime(saying.expires)}`;
  return before?.expires === undefined ? '' : `, no longer until ${localTime(before.expires)}`;
}

function leftText({ live }: Operation, affected: Affected): string {
  const holding = holdingOf(live, affected);
  if (!holding) return 'it is not in the table';
  const { active, inactive } = holding.connections;
  const left = active + (holding.inactive ? inactive : 0);
  if (left === 0) return 'it has no connections';
  return `its ${connections(left)} ${left === 1 ? 'goes on until it ends' : 'go on until they end'}`;
}

const SOURCES: Readonly<Record<Exclude<Cause, 'drained' | 'dead' | 'held'>, string>> = {
  operator: '',
  measured: ', as measured',
  configured: ', as configured',
};

/** The weight that the server has now, or why that of an operator has to wait. */
function weightText({ after, server }: Affected): string {
  const { remark, cause, entry } = after;
  const wished = remark.weight?.value ?? remark.measured ?? server.weight;
  if (cause === 'drained') return `weight ${wished}, once it is not drained any more`;
  if (cause === 'dead' || cause === 'held') {
    const drained = remark.drained ? ' and not drained any more' : '';
    return `weight ${wished}, once it is alive again${drained}`;
  }
  const { slowStart } = remark;
  const rising =
    slowStart && entry && entry.weight < wished
      ? `, rising to ${wished} until ${localTime(slowStart.until)}`
      : '';
  const dead = after.kept ? '; it is dead, and kept in service by minimum_servers' : '';
  return `weight ${entry?.weight ?? 0}${SOURCES[cause]}${rising}${dead}`;
}

/** What else the user has to know. */
export function operationWarnings({ ask, emptied, foreseen, templates }: Operation, now: Moment): string[] {
  const warnings: string[] = [];
  // A planned one is among the foreseen.
  if (emptied.length > 0 && !(ask.verb === 'drain' && ask.when)) {
    const names = list(
      emptied.map(one => one.name),
      'and',
    );
    warnings.push(`no server is left that takes connections of ${names}`);
  }
  for (const { service, due } of foreseen)
    warnings.push(
      `as drains are planned, ${service.name} will have no server left from ${localTime(shown(due, now))} on`,
    );
  if (templates === 'stay')
    warnings.push(
      'net.ipv4.vs.expire_quiescent_template is 0 and cannot be set: persistent clients stay with the drained server',
    );
  return warnings;
}

/** The same as data. */
export function operationJson(operation: Operation, applied: boolean, now: Moment): object {
  const { plan, servers, emptied, foreseen, templates, operator } = operation;
  return {
    version: 1,
    applied,
    servers: servers.map(one => {
      const { planned } = entryOf(operator, one) ?? {};
      const { remark, cause, entry } = one.after;
      return {
        ...placeOf(one),
        name: one.service.name,
        ...(one.server.host === undefined ? {} : { host: one.server.host }),
        changed: one.changed,
        cause,
        ...(one.after.kept ? { kept: true } : {}),
        ...(entry ? { weight: entry.weight } : {}),
        ...(remark.drained ? { drained: remark.drained } : {}),
        ...(planned ? { planned: { author: planned.author, due: shown(planned.due, now) } } : {}),
        ...(remark.weight ? { operator: remark.weight } : {}),
        ...(remark.slowStart ? { slowStart: remark.slowStart } : {}),
        connections: holdingOf(operation.live, one)?.connections ?? { active: 0, inactive: 0 },
      };
    }),
    emptied: emptied.map(one => one.name),
    foreseen: foreseen.map(({ service, due }) => ({ service: service.name, at: shown(due, now) })),
    ...(templates ? { persistentClients: templates } : {}),
    ...planJson({ plan, settings: [], owner: 'lvsctl' }),
  };
}
