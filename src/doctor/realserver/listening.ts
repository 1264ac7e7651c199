import { endpoint } from '../../cluster/address.js';
import { list } from '../../diagnostic/quote.js';
import type { Check } from '../check.js';
import type { Finding } from '../finding.js';
import { type Task, tasksHere } from './part.js';
import { isWildFor, listSockets, type Socket } from './sockets.js';

export const listening: Check = {
  name: 'listening',
  about: 'a program listens where the clients of each service arrive',
  async examine(patient) {
    // Port 0 is all of them: nobody says which are served.
    const tasks = (await tasksHere(patient))?.filter(({ port }) => port !== 0) ?? [];
    if (tasks.length === 0) return undefined;
    const sctp = tasks.some(({ protocol }) => protocol === 'sctp');
    const held = new Map((await patient.addresses()).map(one => [one.address, one.interface]));
    return judgeListening(await listSockets(patient.ports.runner, sctp), tasks, held);
  },
};

/** @param held the interfaces of this host's addresses */
export function judgeListening(
  sockets: readonly Socket[],
  tasks: readonly Task[],
  held: ReadonlyMap<string, string>,
): Finding[] {
  const findings = new Map<string, Finding>();
  for (const task of tasks) {
    const finding = judgeTask(sockets, task, held);
    if (finding) findings.set(`${finding.subject} ${finding.what}`, finding);
  }
  return [...findings.values()];
}

function judgeTask(
  sockets: readonly Socket[],
  task: Task,
  held: ReadonlyMap<string, string>,
): Finding | undefined {
  const { vip, rip, protocol, place, service } = task;
  // The packet filter has put the host's own address in place of the VIP, as NAT has done on the director.
  const isRewritten = place === undefined || place === 'filter';
  const address = isRewritten ? rip : vip;
  const port = place === undefined ? task.serverPort : task.port;
  const at = `${endpoint(address, port)}/${protocol}`;
  const there = sockets.filter(one => one.protocol === protocol && one.port === port);
  const arrives = task.interface ?? held.get(rip);
  const usable = there.filter(({ device }) => device === undefined || device === arrives);
  const exact = usable.filter(one => one.address === address);
  const wild = usable.filter(one => isWildFor(one, address));
  const subject = service;
  if (exact.length > 0) return undefined;
  if (wild.length > 0) {
    if (protocol !== 'udp' || isRewritten) return undefined;
    const what = `${names(wild)} at ${shown(wild)}, and may answer from ${rip} what was asked of ${at}`;
    const help = `bind it to ${vip}, too, unless it answers from the address that was asked (IP_PKTINFO)`;
    return { code: 'udp-wildcard', subject, what, help };
  }
  if (there.length > 0) {
    const what = `${names(there)} at ${shown(there)}, and not at ${at}`;
    return { code: 'listens-elsewhere', subject, what, help: `bind it to ${address}, or to all addresses` };
  }
  const help = 'start the program that serves it, or drain this server';
  return { code: 'nothing-listens', subject, what: `nothing listens at ${at}`, help };
}

function names(sockets: readonly Socket[]): string {
  const programs = [...new Set(sockets.flatMap(({ program }) => program ?? []))].slice(0, 3);
  return programs.length === 0
    ? 'a program listens'
    : `${list(programs, 'and')} ${programs.length > 1 ? 'listen' : 'listens'}`;
}

const WORDS: Readonly<Record<string, string>> = { any: 'all addresses', any4: '0.0.0.0', any6: '::' };

function shown(sockets: readonly Socket[]): string {
  const places = sockets.map(
    ({ address, device }) => `${WORDS[address] ?? address}${device === undefined ? '' : ` on ${device}`}`,
  );
  return list([...new Set(places)].slice(0, 5), 'and');
}
