import { serviceKey } from '../cluster/naming.js';
import type { Change } from './diff.js';
import { serverPlace } from './identity.js';
import type { Table, TableKey, TableServer, TableService } from './table.js';

/** The table once these changes of it have been made: what must be read back. */
export function applied(table: Table, changes: readonly Change[]): Table {
  const services = new Map(table.services.map(service => [serviceKey(service.key), opened(service)]));
  let { timeouts } = table;
  const serversOf = (key: TableKey): Map<string, TableServer> => services.get(serviceKey(key))!.servers;
  for (const change of changes) {
    switch (change.kind) {
      case 'add-service':
        services.set(serviceKey(change.service.key), { service: change.service, servers: new Map() });
        break;
      case 'edit-service':
        services.get(serviceKey(change.after.key))!.service = change.after;
        break;
      case 'remove-service':
        services.delete(serviceKey(change.service.key));
        break;
      case 'add-server':
        serversOf(change.key).set(serverPlace(change.key, change.server), change.server);
        break;
      case 'edit-server':
        serversOf(change.key).set(serverPlace(change.key, change.after), change.after);
        break;
      case 'remove-server':
        serversOf(change.key).delete(serverPlace(change.key, change.server));
        break;
      case 'set-timeouts':
        timeouts = change.after;
        break;
    }
  }
  return {
    services: [...services.values()].map(({ service, servers }) => ({
      ...service,
      servers: [...servers.values()],
    })),
    timeouts,
  };
}

interface Opened {
  service: TableService;
  readonly servers: Map<string, TableServer>;
}

function opened(service: TableService): Opened {
  return { service, servers: new Map(service.servers.map(one => [serverPlace(service.key, one), one])) };
}
