import { canonicalAddress, endpoint, familyOf } from '../cluster/address.js';
import { serviceKey } from '../cluster/naming.js';
import { quote } from '../diagnostic/quote.js';
import { readConnections, readLive } from '../director/kernel.js';
import { serverAttributes, serviceAttributes } from '../table/attributes.js';
import { serverPlace } from '../table/identity.js';
import { isMasked } from '../table/netmask.js';
import type { Connection } from '../table/parse/connections.js';
import type { Live } from '../table/table.js';
import { jsonText } from '../view/json.js';
import { connectionsText, type ShownService, tableJson, tableText } from '../view/table.js';
import type { Context, Run } from './context.js';
import { EXIT, Failure } from './exit.js';

export const run: Run = async (context, _args, options) => {
  const json = options['output'] === 'json';
  const { connections } = options;
  if (connections !== undefined && connections !== false)
    return showConnections(context, typeof connections === 'string' ? connections : undefined, json);
  const live = await readLive(context.ports);
  const services = shown(live);
  context.out(
    json
      ? jsonText({ version: 1, ...tableJson(services, live) })
      : tableText(services, live, context.outStyle),
  );
  return EXIT.done;
};

function shown({ table, activity }: Live): ShownService[] {
  return table.services.map(service => ({
    name: serviceKey(service.key),
    attributes: serviceAttributes(service),
    servers: service.servers.map(server => ({
      name: endpoint(server.address, server.port),
      attributes: serverAttributes(server),
      connections: counted(activity.get(serverPlace(service.key, server))),
    })),
  }));
}

function counted(found: { readonly active: number; readonly inactive: number } | undefined): {
  active: number;
  inactive: number;
} {
  return { active: found?.active ?? 0, inactive: found?.inactive ?? 0 };
}

async function showConnections(
  context: Context,
  clientText: string | undefined,
  json: boolean,
): Promise<number> {
  const client = clientText === undefined ? undefined : canonicalAddress(clientText);
  if (clientText !== undefined && client === undefined) {
    const message = `--connections takes the address of a client, not ${quote(clientText)}`;
    throw new Failure(EXIT.usage, message, 'IPv6 has no brackets here');
  }
  const all = await readConnections(context.ports);
  const found = client === undefined ? all : await ofClient(client, all, context);
  if (json) context.out(jsonText({ version: 1, connections: found }));
  else {
    const ends = ({ address, port }: { address: string; port: number }): string => endpoint(address, port);
    const rows = found.map(one => ({
      ...one,
      client: ends(one.client),
      virtual: ends(one.virtual),
      server: ends(one.server),
    }));
    context.out(connectionsText(rows));
  }
  return EXIT.done;
}

/** A client's connections, and where a persistent service takes its network for one client the memory of that. */
async function ofClient(
  client: string,
  all: readonly Connection[],
  { ports }: Context,
): Promise<readonly Connection[]> {
  const isMemory = ({ client: { address, port } }: Connection): boolean =>
    port === 0 && address !== client && familyOf(address) === familyOf(client);
  const services = all.some(isMemory) ? (await readLive(ports)).table.services : [];
  const remembers = (one: Connection): boolean =>
    isMemory(one) &&
    services.some(
      ({ key, persistence }) =>
        persistence !== undefined &&
        // Under a mark the kernel has the mark in the place of the address.
        (key.kind === 'fwmark' || key.address === one.virtual.address) &&
        isMasked(client, persistence.netmask, one.client.address),
    );
  return all.filter(one => one.client.address === client || remembers(one));
}
