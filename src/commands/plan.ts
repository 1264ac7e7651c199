import type { Cluster } from '../cluster/cluster.js';
import { planFor } from '../director/apply.js';
import { readLive } from '../director/kernel.js';
import { readRunning } from '../director/running.js';
import { momentNow } from '../state/moment.js';
import { wantedSettings } from '../table/settings.js';
import type { Live } from '../table/table.js';
import { jsonText } from '../view/json.js';
import { planJson, planText, type SettingDifference } from '../view/plan.js';
import type { Run } from './context.js';
import { clusterOf } from './description.js';
import { EXIT } from './exit.js';
import { visitor } from './visit.js';

export const run: Run = async (context, _args, options) => {
  const { cluster, name } = await clusterOf(context, options);
  const live = await readLive(context.ports);
  const { ports } = context;
  const { warn } = visitor(context, 'plan');
  const running = await readRunning(ports.files, await momentNow(ports.files, ports.clock), warn);
  const plan = planFor({ cluster, prune: false }, running, live);
  const settings = settingDifferences(cluster, live);
  const frame = {
    plan,
    settings,
    owner: cluster.checker === 'keepalived' ? ('keepalived' as const) : ('lvsctl' as const),
  };
  context.out(
    options['output'] === 'json'
      ? jsonText({ version: 1, file: name, ...planJson(frame) })
      : planText(frame, options['foreign'] === true, context.outStyle),
  );
  return plan.steps.length > 0 ? EXIT.pending : EXIT.done;
};

/** What director.lvs.dr would set otherwise. Told, not planned: the table is right or wrong without them. */
function settingDifferences(cluster: Cluster, { sysctls }: Live): SettingDifference[] {
  return [...wantedSettings(cluster)].flatMap(([name, after]) => {
    const before = sysctls[name] ?? null;
    return before === after ? [] : [{ name: `net.ipv4.vs.${name}`, before, after }];
  });
}
