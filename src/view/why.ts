import { harmless } from '../diagnostic/quote.js';
import type { ServerView } from '../table/explain.js';
import type { Saying } from '../table/overlay.js';
import type { Step } from '../table/plan.js';
import type { ServerStatus } from '../table/status.js';

/** A moment in ISO 8601 as people read it. */
type Time = (iso: string) => string;

const KINDS: Partial<Record<ServerStatus['kind'], string>> = {
  fallback: 'fallback: no server is left',
  leaving: 'let go: stays for its connections',
};

/** Why a server has its weight, and in what the kernel differs from that. */
export function whyText({ kind, view, drift }: ServerStatus, time: Time): string {
  const reasons = view ? [viewText(view, time)] : [KINDS[kind] ?? ''].filter(Boolean);
  const wanted = view?.entry?.weight;
  return [...drift.map(step => driftText(step, wanted)), ...reasons].join('; ');
}

function viewText({ cause, remark, kept, server, scaled }: ServerView, time: Time): string {
  const { drained, dead, weight, measured, slowStart } = remark;
  const until = (iso: string | undefined): string => (iso === undefined ? '' : `, until ${time(iso)}`);
  const parts: string[] = [];
  if (drained) parts.push(`drained${saidText(drained, time)}${until(drained.expires)}`);
  if (dead && (cause === 'dead' || kept || (drained && cause === 'drained')))
    parts.push(`dead since ${time(dead.since)}, by ${harmless(dead.by)}`);
  if (cause === 'held') parts.push('held down by keepalived');
  if (kept) parts.push('kept by minimum_servers');
  // What would hold without the drain or the death is worth knowing where somebody said it.
  if (weight)
    parts.push(
      `${cause === 'operator' ? 'set' : `weight ${weight.value} set`}${saidText(weight, time)}${until(weight.expires)}`,
    );
  if (cause === 'measured') parts.push(measured === 0 ? 'its agent asks for no connections' : 'measured');
  if (cause === 'configured') parts.push('configured');
  if (cause === 'configured' && scaled !== undefined && scaled !== server.weight)
    parts[parts.length - 1] += ` ${server.weight}, on the scale of what is measured`;
  const differs =
    (cause === 'operator' || cause === 'measured') && (weight?.value ?? measured) !== server.weight;
  if (differs) parts[parts.length - 1] += ` (configured ${server.weight})`;
  if (slowStart && cause !== 'drained' && cause !== 'dead' && cause !== 'held')
    parts.push(`slow start at ${Math.round(slowStart.share * 100)} %, until ${time(slowStart.until)}`);
  return parts.join('; ');
}

/** ` by anna since 12:04: kernel update`. */
function saidText({ author, since, reason }: Saying, time: Time): string {
  const why = reason === undefined ? '' : `: ${oneLine(reason)}`;
  return ` by ${oneLine(author)} since ${time(since)}${why}`;
}

/** A word or more for what would have to be done to a service or server. */
export function driftText({ change, differences }: Step, wanted?: number): string {
  if (change.kind.startsWith('add'))
    return wanted === undefined ? 'DRIFT: missing' : `DRIFT: missing, should have ${wanted}`;
  if (change.kind.startsWith('remove')) return 'DRIFT: should not be there';
  const words = differences.map(
    ({ name, before, after }) => `${name} ${before ?? 'none'}, should be ${after ?? 'none'}`,
  );
  return `DRIFT: ${words.join(', ')}`;
}

/** What people wrote, on one line. */
export function oneLine(text: string): string {
  return harmless(text.replaceAll(/\s*\n\s*/g, ' '));
}
