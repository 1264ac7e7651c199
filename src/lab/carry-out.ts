import type { Cluster } from '../cluster/cluster.js';
import { REAL_SERVER_FOLDER } from '../cluster/machines.js';
import type { Accompany, Ports } from '../system/ports.js';
import { installActing, startOf } from './acting.js';
import { bringUp } from './bring-up.js';
import { rehearseChange } from './change/rehearse.js';
import type { Stage } from './change/stage.js';
import { Errands } from './errands.js';
import type { LabEvent } from './events.js';
import { Lab, LabFailure } from './lab.js';
import type { Order } from './order.js';
import { rehearse } from './rehearse.js';
import { shell, type ShellTools } from './shell.js';
import { tellStory } from './story/story.js';

/**
 * Does what the job orders, inside the machine: builds the cluster's hosts, installs the trees, brings the
 * cluster up.
 *
 * @param folder where the job was unpacked
 * @param tell is given everything that the program outside has to know
 */
export async function carryOut(
  order: Order,
  cluster: Cluster,
  ports: Ports & { readonly accompany: Accompany },
  folder: string,
  tell: (event: LabEvent) => void,
): Promise<void> {
  const { runner, files, clock, accompany } = ports;
  const guest = `${folder}/guest`;
  const step = (text: string): void => tell({ event: 'step', text });
  try {
    const lab = await Lab.start(cluster, { errands: new Errands(accompany, guest), clock, guest }, 1);
    tell({ event: 'hosts', hosts: lab.hosts.map(host => host.plan) });
    step(`${lab.hosts.length} hosts are up`);
    const status = await work(order, lab, { runner, files, guest }, folder, tell);
    tell({ event: 'done', status });
  } catch (error) {
    if (!(error instanceof LabFailure)) throw error;
    tell({ event: 'failed', message: error.message });
  }
}

async function work(
  order: Order,
  lab: Lab,
  tools: ShellTools,
  folder: string,
  tell: (event: LabEvent) => void,
): Promise<number> {
  const step = (text: string): void => tell({ event: 'step', text });
  // A change installs its own, those of one description after those of the other.
  if (order.what !== 'change') await install(lab, `${folder}/trees`);
  if ('acting' in order) await installActing(lab, order.acting, tools.files, folder);
  switch (order.what) {
    case 'rehearse':
      await rehearse(lab, tell);
      return 0;
    case 'change':
      await rehearseChange(await stageOf(order, lab, tools.files, folder), tell);
      return 0;
    case 'story':
      return (await tellStory(lab, tell)) > 0 ? 1 : 0;
    case 'shell':
      await bringUp(lab, step).catch((error: unknown) => {
        if (!(error instanceof LabFailure)) throw error;
        // To look around in what did not come up is what a shell is for.
        step(`the cluster did not come up: ${error.message}`);
      });
      return shell(lab, order.commands, tools, tell);
  }
}

/** lvsctl itself is in the job, and runs as this program does. */
async function stageOf(
  { old, next, node }: Extract<Order, { readonly what: 'change' }>,
  lab: Lab,
  files: ShellTools['files'],
  folder: string,
): Promise<Stage> {
  const trees = { old: `${folder}/trees/old`, next: `${folder}/trees/next` };
  return { lab, old, next, trees, lvsctl: await startOf(node, files, folder) };
}

/** Each host gets the tree that `configure --out` makes for it. */
async function install(lab: Lab, trees: string): Promise<void> {
  const directors = lab.role('director').map(one => lab.install(one, `${trees}/${one.name}`));
  await Promise.all([...directors, lab.install(lab.role('server'), `${trees}/${REAL_SERVER_FOLDER}`)]);
}
