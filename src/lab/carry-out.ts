import type { Cluster } from '../cluster/cluster.js';
import { REAL_SERVER_FOLDER } from '../cluster/machines.js';
import type { Ports } from '../system/ports.js';
import { bringUp } from './bring-up.js';
import type { LabEvent } from './events.js';
import { type Host, Lab, LabFailure } from './lab.js';
import type { Order } from './order.js';
import { rehearse } from './rehearse.js';
import { shell } from './shell.js';

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
  ports: Ports,
  folder: string,
  tell: (event: LabEvent) => void,
): Promise<void> {
  const { runner, files, clock } = ports;
  const guest = `${folder}/guest`;
  const step = (text: string): void => tell({ event: 'step', text });
  try {
    const lab = await Lab.start(cluster, { runner, clock, guest }, 1);
    tell({ event: 'hosts', hosts: lab.hosts.map(host => host.plan) });
    await Promise.all(lab.hosts.map(host => install(lab, host, `${folder}/trees`)));
    step(`${lab.hosts.length} hosts are up and have their files`);
    let status = 0;
    if (order.what === 'rehearse') await rehearse(lab, tell);
    else {
      await bringUp(lab, step).catch((error: unknown) => {
        if (!(error instanceof LabFailure)) throw error;
        // To look around in what did not come up is what a shell is for.
        step(`the cluster did not come up: ${error.message}`);
      });
      status = await shell(lab, order.commands, { runner, files, guest }, tell);
    }
    tell({ event: 'done', status });
  } catch (error) {
    if (!(error instanceof LabFailure)) throw error;
    tell({ event: 'failed', message: error.message });
  }
}

/** Each host gets the tree that `configure --out` makes for it. */
async function install(lab: Lab, host: Host, trees: string): Promise<void> {
  const { name, plan } = host;
  if (plan.role === 'director') await lab.install(host, `${trees}/${name}`);
  if (plan.role === 'server') await lab.install(host, `${trees}/${REAL_SERVER_FOLDER}`);
}
