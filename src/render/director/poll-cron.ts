import type { Cluster } from '../../cluster/cluster.js';
import { cronTime } from '../cron.js';
import type { Output } from '../output.js';
import { SETTINGS } from '../output.js';
import { PLACES } from '../places.js';

export function pollCronOutputs({ polling }: Cluster): Output[] {
  if (!polling) return [];
  const { time, withinMinute } = cronTime(polling.schedule);
  const view = { time, withinMinute };
  return [{ kind: 'file', path: PLACES.pollCron, mode: SETTINGS, template: 'director/poll.cron.hbs', view }];
}
