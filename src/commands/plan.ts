import type { Cluster } from '../cluster/cluster.js';
import { machineChange } from '../director/host/change.js';
import { readLive } from '../director/kernel.js';
import { currentGeneration } from '../state/generations.js';
import { desired } from '../table/desired.js';
import { planTable } from '../table/plan.js';
import { wantedSettings } from '../table/settings.js';
import type { MachineChange } from '../table/machine.js';
import type { Live } from '../table/table.js';
import { jsonText } from '../view/json.js';
import { planJson, planText, type SettingDifference } from '../view/plan.js';
import type { Context, Run } from './context.js';
import { clusterOf } from './description.js';
import { EXIT } from './exit.js';
import { assigner } from './visit.js';

export const run: Run = async (context, _args, options) => {
  const { cluster, name } = await clusterOf(context, options);
  const live = await readLive(context.ports);
  const plan = planTable(live.table, desired(cluster), { activity: live.activity });
  const settings = settingDifferences(cluster, live);
  const frame = {
    plan,
    settings,
    owner: cluster.checker === 'keepalived' ? ('keepalived' as const) : ('lvsctl' as const),
    ...(await besides(context, cluster)),
  };
  context.out(
    options['output'] === 'json'
      ? jsonText({ version: 1, file: name, ...planJson(frame) })
      : planText(frame, options['foreign'] === true, context.outStyle),
  );
  return plan.steps.length > 0 || frame.machine ? EXIT.pending : EXIT.done;
};

/** What `apply` would change besides the table, compared with what runs. */
async function besides(
  context: Context,
  cluster: Cluster,
): Promise<{ readonly machine?: MachineChange }> {
  const { ports } = context;
  const current = await currentGeneration(ports.files);
  if (!current || cluster.checker === 'keepalived') return {};
  const machine = await machineChange({ ports, assign: assigner(context) }, current.cluster, cluster);
  return machine ? { machine } : {};
}

/** What director.lvs.dr would set otherwise. Told, not planned: the table is right or wrong without them. */
function settingDifferences(cluster: Cluster, { sysctls }: Live): SettingDifference[] {
  return [...wantedSettings(cluster)].flatMap(([name, after]) => {
    const before = sysctls[name] ?? null;
    return before === after ? [] : [{ name: `net.ipv4.vs.${name}`, before, after }];
  });
}
