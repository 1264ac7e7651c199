import type { Cluster } from '../cluster/cluster.js';
import { writeYaml } from '../config/yaml/write.js';
import { currentGeneration } from '../state/generations.js';
import { jsonText } from '../view/json.js';
import { carryOut, reasonOf } from './apply.js';
import type { Run } from './context.js';
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
  const cluster: Cluster = { ...current.cluster, services: [] };
  const exitCode = await carryOut(context, options, 'clear', {
    cluster,
    description: { name: 'clear', text: writeYaml(cluster, 'Emptied by lvsctl clear') },
    author: context.user,
    by: 'clear',
    ...(reason === undefined ? {} : { reason }),
    prune: false,
  });
  const { warn } = visitor(context, 'clear');
  if (current.cluster.services.length > 0)
    warn(
      'clients of an address that this director still has are refused: `director.lvs.dr stop` takes it away',
    );
  return exitCode;
};
