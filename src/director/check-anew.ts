import type { Cluster } from '../cluster/cluster.js';
import { watchesOf } from '../render/mon/watches.js';
import type { Alert } from '../state/alert.js';
import { drop } from '../state/inbox.js';
import { place } from '../table/overlay.js';
import { placeOf } from './ask.js';
import type { Door } from './door.js';
import type { Renewal } from './renewal.js';
import type { Ran, Running } from './running.js';
import { settleDue } from './settle.js';

/**
 * What is settled, once more where mon has found servers dead whose check is another one in this cluster. Those count as
 * alive until that check says otherwise: mon remembers a state by watch and type of check, so it knows nothing against
 * them any more, and would never tell that they have come back. Where the apply is then refused, mon's next repetition
 * of its failure, within a minute, takes them out again.
 *
 * @throws StateFailure
 */
export async function settledFor(
  door: Door,
  cluster: Cluster,
  settled: Running,
  { change }: Pick<Renewal, 'change'>,
): Promise<Running> {
  const { current } = settled;
  if (!current || !change.reloads.includes('mon')) return settled;
  return (await checkAnew(door, { ...settled, current }, cluster)) ? await settleDue(door) : settled;
}

async function checkAnew(door: Door, { current, health }: Ran, cluster: Cluster): Promise<boolean> {
  const [old, next] = [watchNames(current.cluster), watchNames(cluster)];
  const servers = new Set(
    cluster.services.flatMap(service => service.servers.map(server => place(placeOf({ service, server })))),
  );
  const others = health.dead.filter(
    one => servers.has(place(one)) && old.get(place(one)) !== next.get(place(one)),
  );
  for (const { service, server } of others) {
    const alert: Alert = {
      finding: 'up',
      service,
      server,
      at: door.stamp.now,
      reason: 'its check is another one',
    };
    await drop(door.ports.files, door.ports.clock, alert);
  }
  return others.length > 0;
}

/** By `place`: what mon knows each server's state by. */
function watchNames({ services }: Cluster): Map<string, string> {
  return new Map(
    watchesOf(services).map(one => [place(placeOf(one)), `${one.name} ${one.service.check.type}`]),
  );
}
