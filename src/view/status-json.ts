import type { ServerView } from '../table/explain.js';
import type { Step } from '../table/plan.js';
import type { ServerStatus, ServiceStatus, TableStatus } from '../table/status.js';
import type { StatusHead } from './status-head.js';

/** The same as data: whole, also where the text leaves something out. Weights are numbers, or null: not there. */
export function statusJson(head: StatusHead, { services, drift }: TableStatus): object {
  const { host, now, role, checker, generation, underway, file, coming } = head;
  return {
    host,
    time: now.toISOString(),
    ...(role === undefined ? {} : { role }),
    ...(checker ? { checker } : {}),
    generation: generation ?? null,
    ...(underway ? { underway } : {}),
    drift: { lines: drift.length, commands: drift.map(commandOf) },
    file,
    coming,
    services: services.map(serviceJson),
  };
}

function serviceJson({ key, name, ours, there, table, servers, drift, stats, rates }: ServiceStatus): object {
  const { servers: _own, ...attributes } = table;
  return {
    service: key,
    name,
    ours,
    there,
    ...attributes,
    drift: drift.map(commandOf),
    ...(stats ? { stats } : {}),
    ...(rates ? { rates } : {}),
    servers: servers.map(serverJson),
  };
}

function serverJson({
  kind,
  name,
  host,
  live,
  view,
  connections,
  drift,
  stats,
  rates,
}: ServerStatus): object {
  const { address, port, weight, ...attributes } = live ??
    view?.entry ?? { address: null, port: null, weight: 0 };
  return {
    server: name,
    ...(host === undefined ? {} : { host }),
    kind,
    address,
    port,
    ...attributes,
    weight: live ? weight : null,
    ...(view ? reasonJson(view) : {}),
    connections,
    ...(stats ? { stats } : {}),
    ...(rates ? { rates } : {}),
    drift: drift.map(commandOf),
  };
}

/** What the operator set is `set`, since `weight` is what is in force. */
export function reasonJson({ entry, server, cause, kept, remark }: ServerView): object {
  const { weight: set, ...known } = remark;
  return {
    wanted: entry?.weight ?? null,
    configured: server.weight,
    cause,
    kept,
    ...known,
    ...(set ? { set } : {}),
  };
}

function commandOf({ line }: Step): string {
  return `ipvsadm ${line}`;
}
