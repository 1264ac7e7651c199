import { serviceKey } from '../../cluster/naming.js';
import type { Ports } from '../../system/ports.js';
import type { Live, Table } from '../../table/table.js';
import { isBrought } from '../bring.js';
import { type Door, keep, move } from '../door.js';
import { KernelFailure } from '../failure.js';
import { readLive } from '../kernel.js';
import { type Ran, targetFor } from '../running.js';
import { planOf, type Target } from '../target.js';
import type { Stage } from './stage.js';

const EMPTY: Table = { services: [], timeouts: { tcp: 0, tcpFin: 0, udp: 0 } };

/** Brings the table to what runs, drains and measured weights included. */
export function filling(ports: Ports, ran: Ran): Stage {
  const target = targetFor(ran.current.cluster, ran);
  return {
    lines: async () => linesOf((await liveIfAny(ports))?.table ?? EMPTY, target),
    carryOut: async door => {
      const { table } = await readLive(ports);
      const { number } = ran.current;
      const drifts = table.services.some(({ key }) => target.owned(serviceKey(key)));
      // An empty table is nothing that has drifted: no line of the journal for each of its servers.
      if (drifts) await keep(door, number, target, table, { event: 'mended', cause: `lvsctl ${door.verb}` });
      else await bringAbout(door, number, target, table, 'loaded');
    },
  };
}

/** Takes the services of what runs out of the table, and no others. */
export function emptying(ports: Ports, ran: Ran): Stage {
  const { owned } = targetFor(ran.current.cluster, ran);
  const target: Target = { wanted: EMPTY, owned };
  return {
    lines: async () => linesOf((await liveIfAny(ports))?.table ?? EMPTY, target),
    carryOut: async door => {
      const live = await liveIfAny(ports);
      if (live) await bringAbout(door, ran.current.number, target, live.table, 'unloaded');
    },
  };
}

/** Names the services that are not in the table. Weights that differ are the pollers' and operators' business. */
export async function missingServices(ports: Ports, { current }: Pick<Ran, 'current'>): Promise<string[]> {
  const live = await liveIfAny(ports);
  const there = new Set(live?.table.services.map(({ key }) => serviceKey(key)));
  const wanted = current.cluster.services.map(({ virtual }) => serviceKey(virtual));
  return wanted.filter(key => !there.has(key));
}

/** Undefined where the kernel has no IPVS, and so no table. @throws KernelFailure */
export async function liveIfAny(ports: Ports): Promise<Live | undefined> {
  return await readLive(ports).catch((error: unknown) => {
    if (error instanceof KernelFailure && error.problem === 'no-module') return undefined;
    throw error;
  });
}

function linesOf(table: Table, target: Target): string[] {
  return planOf(table, target).steps.map(({ line }) => `ipvsadm ${line}`);
}

async function bringAbout(
  door: Door,
  number: number,
  target: Target,
  table: Table,
  event: 'loaded' | 'unloaded',
): Promise<void> {
  if (await isBrought(door, table, target)) return;
  const told = { event, cause: `lvsctl ${door.verb}`, after: `generation ${number}` };
  await move(door, { kind: 'reconcile', from: number, to: number, target, events: () => [told] }, table);
}
