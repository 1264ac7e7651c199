import { coming, type SeenRole, type Survey } from '../../director/survey.js';
import type { Generation } from '../../state/generation.js';
import { shown } from '../../state/moment.js';
import type { StatusHead } from '../../view/status-head.js';
import type { Context, Options } from '../context.js';
import { fileState } from './file.js';

/** What holds for the whole director. */
export async function headOf(context: Context, options: Options, found: Survey): Promise<StatusHead> {
  const { running, intent, now, checker } = found;
  const { current } = running;
  const role = found.role && roleText(found.role);
  return {
    host: context.ports.net.hostName(),
    now: new Date(now.at),
    ...(role === undefined ? {} : { role }),
    ...(checker ? { checker } : {}),
    ...(current ? { generation: generationOf(current, found) } : {}),
    file: await fileState(context, options, current),
    ...(intent ? { underway: { by: intent.by, since: intent.begun.at } } : {}),
    coming: coming(found),
  };
}

/** What there is to say of it: without failover nothing, since each director is active. */
export function roleText({ state, active, isAlone }: SeenRole): string | undefined {
  if (isAlone) return undefined;
  if (state === 'unknown') return 'with no VIP, which no other director is seen to have either';
  if (state === 'active') return 'active';
  return active === undefined ? 'standby' : `standby: ${active} is active`;
}

function generationOf(current: Generation, { now }: Survey): NonNullable<StatusHead['generation']> {
  const { number, made, author, by, reason, trial } = current;
  return {
    number,
    made: made.at,
    author,
    by,
    ...(reason === undefined ? {} : { reason }),
    ...(trial.state === 'waiting' ? { until: shown(trial.due, now) } : {}),
  };
}
