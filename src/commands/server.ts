import { findServer, findService } from '../cluster/find.js';
import { serverAdded, serverRemoved } from '../config/edit/wish.js';
import type { Run } from './context.js';
import { change, type Make } from './edit/change.js';
import { newServer, weightOf } from './edit/words.js';
import { EXIT, Failure } from './exit.js';
import { found } from './found.js';

export const run: Run = async (context, [action = '', service = '', server = ''], options) => {
  const given = options['weight'];
  const weight = typeof given === 'string' ? weightOf(given) : undefined;
  if (action === 'remove' && weight !== undefined)
    throw new Failure(EXIT.usage, '--weight is for server add');
  const make: Make = described => {
    const { cluster } = described;
    const where = found(findService(cluster, service));
    if (action === 'add') return serverAdded(described, where, newServer(server, cluster, weight));
    return serverRemoved(described, where, found(findServer(cluster, where, server)));
  };
  return await change(context, options, `server ${action} ${service} ${server}`, make);
};
