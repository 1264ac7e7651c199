import type { Cluster } from '../cluster/cluster.js';
import { readLive } from '../director/kernel.js';
import { desired } from '../table/desired.js';
import { planTable } from '../table/plan.js';
import { wantedSettings } from '../table/settings.js';
import type { Live } from '../table/table.js';
import { jsonText } from '../view/json.js';
import { planJson, planText, type SettingDifference } from '../view/plan.js';
import type { Run } from './context.js';
import { clusterOf } from './description.js';
import { EXIT } from './exit.js';

export const run: Run = async (context, _args, options) => {
  const { cluster, name } = await clusterOf(context, options);
  const live = await readLive(context.ports);
  const plan = planTable(live.table, desired(cluster), { activity: live.activity });
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
