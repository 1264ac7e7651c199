import type { Cluster } from '../cluster/cluster.js';
import { machineChangeFor, planFor, tracksFor } from '../director/apply.js';
import type { Visitor } from '../director/door.js';
import { checkerHere, warnOfChecker } from '../director/checker-state.js';
import { KernelFailure } from '../director/failure.js';
import { readLive } from '../director/kernel.js';
import { warnOfLoss } from '../director/loss.js';
import { heldNames, ownerOf } from './owner.js';
import { handedOver, refuseUnsafeHandover } from '../director/keepalived/handover.js';
import { type Checked, readChecked } from '../director/keepalived/held.js';
import { NOTHING_RENEWED, type Renewal } from '../director/renewal.js';
import type { Running } from '../director/running.js';
import { filesChangeFor } from '../director/wished-files.js';
import { failureText, StateFailure } from '../state/failure.js';
import { momentNow } from '../state/moment.js';
import { wantedSettings } from '../table/settings.js';
import type { MachineChange } from '../table/machine.js';
import { isNoChange } from '../table/renewed.js';
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
  const whom = visitor(context, 'plan');
  const now = await momentNow(ports.files, ports.clock);
  const running = await readChecked(ports, now, whom.warn);
  await warnOfLoss({ ports, now, warn: whom.warn }, running);
  const renewal = await renewed({ cluster, description: { name } }, running, whom);
  await warnOfHandover({ cluster, renewal }, running, whom);
  const handed = handedOver(running, cluster, now);
  const plan = planFor({ cluster, prune: false }, handed, live);
  const tracks = await tracksFor({ cluster, prune: false }, handed, ports);
  const settings = settingDifferences(cluster, live);
  const frame = {
    plan,
    settings,
    owner: ownerOf(cluster),
    held: heldNames(cluster, running.overlay),
    ...(await besides(cluster, running, whom)),
    files: renewal.change,
    tracks,
  };
  context.out(
    options['output'] === 'json'
      ? jsonText({ version: 1, file: name, ...planJson(frame) })
      : planText(frame, options['foreign'] === true, context.outStyle),
  );
  for (const one of renewal.notes) whom.warn(one);
  await warnOfChecker(ports, checkerHere(running.current?.cluster, ports.net), whom.warn);
  const isRight = plan.steps.length + tracks.length === 0 && !frame.machine && isNoChange(renewal.change);
  return isRight ? EXIT.done : EXIT.pending;
};

/** What `apply` would change besides the table, where something runs that it can be compared with. */
async function besides(
  cluster: Cluster,
  running: Running,
  whom: Visitor,
): Promise<{ readonly machine?: MachineChange }> {
  if (!running.current) return {};
  try {
    const machine = await machineChangeFor({ cluster }, running, whom);
    return machine ? { machine } : {};
  } catch (error) {
    // The table's part is worth to be seen all the same; `apply` refuses.
    if (!(error instanceof KernelFailure) || error.problem !== 'refused') throw error;
    whom.warn(`besides the table nothing can be planned: ${error.message}; ${error.help}`);
    return {};
  }
}

/** `apply` refuses; what it would do is worth to be seen all the same. */
async function warnOfHandover(
  { cluster, renewal }: { readonly cluster: Cluster; readonly renewal: Renewal },
  running: Running & Checked,
  whom: Visitor,
): Promise<void> {
  try {
    await refuseUnsafeHandover(whom.ports.files, running, { cluster }, renewal.change);
  } catch (error) {
    if (!(error instanceof KernelFailure)) throw error;
    whom.warn(`\`apply\` refuses this: ${error.message}; ${error.help}`);
  }
}

/** What `apply` would change of this host's rendered files. */
async function renewed(
  wish: Parameters<typeof filesChangeFor>[0],
  running: Running,
  whom: Visitor,
): Promise<Renewal> {
  try {
    return await filesChangeFor(wish, running, whom);
  } catch (error) {
    if (!(error instanceof StateFailure || error instanceof KernelFailure)) throw error;
    whom.warn(`of the rendered files nothing can be planned: ${failureText(error)}`);
    return NOTHING_RENEWED;
  }
}

/** What director.lvs.dr would set otherwise. Told, not planned: the table is right or wrong without them. */
function settingDifferences(cluster: Cluster, { sysctls }: Live): SettingDifference[] {
  return [...wantedSettings(cluster)].flatMap(([name, after]) => {
    const before = sysctls[name] ?? null;
    return before === after ? [] : [{ name: `net.ipv4.vs.${name}`, before, after }];
  });
}
