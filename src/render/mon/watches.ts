import { fileNames, serverKey } from '../../cluster/naming.js';
import type { Server, Service } from '../../cluster/service.js';

/** A server that mon asks. */
export interface Watch {
  readonly service: Service;
  readonly server: Server;
  /** mon's hostgroup and watch; with the check's type it is what mon knows the server's state by. */
  readonly name: string;
}

export function watchesOf(services: readonly Service[]): Watch[] {
  const checked = services.flatMap(service =>
    service.check.type === 'none' ? [] : service.servers.map(server => ({ service, server })),
  );
  const text = (service: Service, server: Server): string => `${service.name}_${serverKey(server)}`;
  const names = fileNames(checked.map(({ service, server }) => text(service, server)));
  return checked.map(({ service, server }) => ({
    service,
    server,
    name: names.get(text(service, server))!,
  }));
}
