import type { Cluster } from '../../cluster/cluster.js';
import { fileNames, serverKey } from '../../cluster/naming.js';
import type { Server, Service } from '../../cluster/service.js';
import { PLACES } from '../places.js';

/**
 * The names of the files by which weights reach keepalived, as a function of the service and its server: made of
 * both, and ending in the configured weight. A changed weight is thus another file, written before the reload;
 * otherwise keepalived passes through the sum of the new weight and the old offset.
 */
export function trackNames(cluster: Cluster): (service: Service, server: Server) => string {
  const text = (service: Service, server: Server): string => `${service.name} ${serverKey(server)}`;
  const names = fileNames(
    (function* () {
      for (const service of cluster.services)
        for (const server of service.servers) yield text(service, server);
    })(),
  );
  return (service, server) => `${names.get(text(service, server))!}.${server.weight}`;
}

/** The path of a track file by its name. */
export function trackPath(name: string): string {
  return `${PLACES.tracks}/${name}`;
}
