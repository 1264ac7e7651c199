import type { Cluster } from '../cluster/cluster.js';
import { virtualAddresses } from '../cluster/machines.js';
import { writeYaml } from '../config/yaml/write.js';
import { list } from '../diagnostic/quote.js';
import { CLEARED } from '../director/forget-gone.js';
import { currentGeneration } from '../state/generations.js';
import { jsonText } from '../view/json.js';
import { carryOut, reasonOf } from './apply.js';
import type { Context, Run } from './context.js';
import { EXIT } from './exit.js';
import { visitor } from './visit.js';

export const run: Run = async (context, _args, options) => {
  const reason = reasonOf(options);
  const current = await currentGeneration(context.ports.files);
  if (!current) {
    // Whatever is in the table is somebody else's.
    const nothing = { version: 1, applied: false, changes: [] };
    context.out(options['output'] === 'json' ? jsonText(nothing) : 'nothing to change\n');
    return EXIT.done;
  }
  const here = addressesHere(current.cluster, context);
  if (here.length > 0) {
    const { warn } = visitor(context, 'clear');
    warn(
      `without services, clients of ${list(here, 'and')} are refused as long as this director has the address`,
    );
  }
  const cluster: Cluster = { ...current.cluster, services: [] };
  return await carryOut(context, options, 'clear', {
    cluster,
    description: { name: CLEARED, text: writeYaml(cluster, 'Emptied by lvsctl clear') },
    author: context.user,
    by: 'clear',
    ...(reason === undefined ? {} : { reason }),
    prune: false,
    runs: current.number,
  });
};

/** The VIPs that this host has, and keeps: those that keepalived gives. Others go with their services. */
function addressesHere(cluster: Cluster, { ports }: Context): string[] {
  if (cluster.failover.by !== 'vrrp') return [];
  const own = new Set(ports.net.addresses());
  return [...virtualAddresses(cluster).keys()].filter(address => own.has(address));
}
