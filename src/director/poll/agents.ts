import type { Cluster, Polling } from '../../cluster/cluster.js';
import { hostFinder } from '../../cluster/machines.js';
import { isMovable, isWeighedByLatency, lawOf } from '../../cluster/law.js';
import type { Law, Server } from '../../cluster/service.js';
import type { Endpoint, Net } from '../../system/ports.js';
import { isDnsAnswer, type Probe, probeOf } from './probe.js';
import { type Answer, LONGEST_ANSWER, readAnswer } from '../../weights/answer.js';

/** A machine that has servers, and where its agent is. */
export interface Machine {
  /** Its name in `hosts`, else the address of its servers. */
  readonly name: string;
  /** Absent where it has none, or no law asks it. */
  readonly agent?: Endpoint;
  /** Processors, for agents that do not say. */
  readonly cpus?: number;
}

/** What came of asking a machine. */
export type Asked = { readonly answer: Answer } | { readonly silent: string };

/** What the described servers say, before anything is made of it. */
export interface Heard {
  readonly machines: readonly Machine[];
  /** By the name of the machine; those without an agent are not in it. */
  readonly asked: ReadonlyMap<string, Asked>;
  readonly latencies: ReadonlyMap<string, number>;
}

const BY_AGENT: ReadonlySet<Law> = new Set(['auto', 'uptime', 'capacity']);

/** Which machine a server is on: one that has several servers is asked once. */
export function machineFinder(cluster: Cluster): (server: Pick<Server, 'host' | 'address'>) => string {
  const hostOf = hostFinder(cluster);
  return server => hostOf(server)?.name ?? server.address;
}

/** Where the agent of a server's machine listens; `none`: it has no agent. */
export function agentPort(
  cluster: Cluster,
  { port }: Polling,
): (server: Pick<Server, 'host' | 'address'>) => number | 'none' {
  const hostOf = hostFinder(cluster);
  return server => hostOf(server)?.agent ?? port;
}

/** Every machine whose agent some law asks. */
export function machinesOf(cluster: Cluster, polling: Polling): Machine[] {
  const hostOf = hostFinder(cluster);
  const portOf = agentPort(cluster, polling);
  const found = new Map<string, Machine>();
  for (const service of cluster.services) {
    if (!isMovable(service, polling) || !BY_AGENT.has(lawOf(service, polling))) continue;
    for (const server of service.servers) {
      const host = hostOf(server);
      const name = host?.name ?? server.address;
      if (found.has(name)) continue;
      const port = portOf(server);
      found.set(name, {
        name,
        ...(port === 'none' ? {} : { agent: { address: server.address, port } }),
        ...(host?.cpus === undefined ? {} : { cpus: host.cpus }),
      });
    }
  }
  return [...found.values()];
}

/** Asks all machines at once. However many say nothing, it takes no longer than the time-out. */
export async function askAll(
  net: Net,
  machines: readonly Machine[],
  timeout: number,
): Promise<Map<string, Asked>> {
  const asked = machines.flatMap(({ name, agent }) =>
    agent ? [ask(net, agent, timeout).then(answer => [name, answer] as const)] : [],
  );
  return new Map(await Promise.all(asked));
}

async function ask(net: Net, agent: Endpoint, timeout: number): Promise<Asked> {
  const said = await net.hear(agent, { timeout, most: LONGEST_ANSWER });
  if ('silent' in said) return said;
  const answer = readAnswer(said.text);
  // A part of an answer is nothing that could be understood: what kept the rest away is the reason.
  return answer ? { answer } : { silent: said.broken ?? 'not-understood' };
}

/** Milliseconds to an answer, by the name of the probe, of the servers whose law asks for it. */
export async function probeAll(net: Net, cluster: Cluster, polling: Polling): Promise<Map<string, number>> {
  const probes = new Map<string, Probe>();
  for (const service of cluster.services) {
    if (!isWeighedByLatency(service, polling)) continue;
    for (const server of service.servers) {
      const probe = probeOf(service, server);
      if (probe) probes.set(probe.name, probe);
    }
  }
  const found = await Promise.all(
    [...probes].map(async ([name, one]) => [name, await timed(net, one, polling.timeout)] as const),
  );
  return new Map(found.flatMap(([name, took]) => (took === undefined ? [] : [[name, took] as const])));
}

async function timed(net: Net, probe: Probe, timeout: number): Promise<number | undefined> {
  if (probe.way === 'connection') return await net.connect(probe.endpoint, timeout);
  const { endpoint, question } = probe;
  return await net.ask(endpoint, question, { timeout, isAnswer: said => isDnsAnswer(question, said) });
}
