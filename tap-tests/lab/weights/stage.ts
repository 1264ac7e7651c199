import type { Host, Lab } from '../../../src/lab/lab.js';
import { realServer, withCluster } from '../harness.js';
import { installLvsctl, must } from '../lvsctl.js';
import {
  AGENT,
  description,
  type Policy,
  SCHEDULE,
  serverAddress,
  serverName,
  SLOWED,
  SPEEDS,
  VIP,
} from './policies.js';

/** A cluster of its own for each policy: a director, servers of unlike speed, and clients. */
export interface Stage {
  readonly policy: Policy;
  readonly lab: Lab;
  readonly director: Host;
  readonly client: Host;
  /** In the order of `SPEEDS`. */
  readonly servers: readonly Host[];
}

/** Where a server tells of itself. */
const FOLDER = '/run/worker';
/** Milliseconds between two looks at the table. */
const LOOK = 1000;

/** All of them side by side. */
export async function withStages(
  policies: readonly Policy[],
  work: (stages: readonly Stage[]) => Promise<void>,
  begun: readonly Stage[] = [],
): Promise<void> {
  const [policy, ...others] = policies;
  if (!policy) {
    await work(begun);
    return;
  }
  await withCluster(description(policy), async lab => {
    const servers = SPEEDS.map(speed => lab.host(serverName(speed)));
    const stage = { policy, lab, director: lab.host('midas'), client: lab.client, servers };
    await setUp(stage);
    await withStages(others, work, [...begun, stage]);
  });
}

async function setUp({ policy, lab, director, servers }: Stage): Promise<void> {
  const isAsked = policy.by === 'capacity' || policy.by === 'idle';
  for (const [index, server] of servers.entries()) {
    await startWorker(server, SPEEDS[index]!);
    if (isAsked) await startAgent(server);
  }
  if (policy.by === 'capacity') {
    await installLvsctl(director);
    await director.sh('modprobe ip_vs; mkdir -p /etc/lvsctl; cat >/etc/lvsctl/lvs.yaml', description(policy));
    await must(lab, director, 'lvsctl apply && lvsctl director start');
  } else await director.sh('/etc/init.d/director.lvs.dr start');
  await watchTable(director);
}

/** A real server that answers for the VIP at this speed. */
export async function startWorker(server: Host, speed: number): Promise<void> {
  await realServer(server);
  const words = [VIP.address, VIP.port, speed, FOLDER];
  await server.sh(`mkdir ${FOLDER}; ${server.perl('worker', words)} >${FOLDER}/process`);
  // All hosts share a kernel, and so its load average.
  await server.sh(`mount --bind ${FOLDER}/loadavg /proc/loadavg`);
}

/** Its speed is halved. */
export async function slowWorker(server: Host): Promise<void> {
  await server.sh(`kill -USR1 "$(cat ${FOLDER}/process)"`);
}

/** Writes down each state of a director's table. */
export async function watchTable(director: Host): Promise<void> {
  await director.daemon('table', director.perl('table', [LOOK]));
}

/** The agent without Node; in place of systemd's socket ncat starts it, and says by whom it is asked. */
export async function startAgent(server: Host): Promise<void> {
  await server.sh(
    'cat >/run/agent && chmod 755 /run/agent',
    `#!/bin/sh\nREMOTE_ADDR=$NCAT_REMOTE_ADDR exec /usr/local/sbin/uptimesrv --busy-file ${FOLDER}/busy\n`,
  );
  await server.daemon('agent', `ncat -l -k -p ${AGENT} --exec /run/agent`);
}

/**
 * The idle share by load1 in percent, as the original of 2007 is read here: what the simulator's baseline does, in the
 * words of its time.
 */
const BY_IDLE = `while :; do
  for address in ${SPEEDS.map(serverAddress).join(' ')}; do
    load=$(ncat --recv-only -w 2 "$address" ${AGENT} </dev/null | sed -n 's/.*load average: \\([0-9.]*\\),.*/\\1/p')
    [ -n "$load" ] || continue
    weight=$(echo "$load" | awk '{ w = int((1 - $1) * 100 + .5); print w < 1 ? 1 : w }')
    ipvsadm -e -t ${VIP.address}:${VIP.port} -r "$address:${VIP.port}" -g -w "$weight"
  done
  sleep 5
done
`;

/** Whoever changes the weights begins. */
export async function startPolicy({ policy, director }: Stage): Promise<void> {
  if (policy.by === 'capacity') await director.daemon('poll', `lvsctl poll --schedule '${SCHEDULE}'`);
  if (policy.by === 'idle') {
    await director.sh('cat >/run/by-idle', BY_IDLE);
    await director.daemon('poll', 'sh /run/by-idle');
  }
}

/** The fastest server does half of what it did; somebody may know. */
export async function slowDown({ policy, lab, director }: Stage): Promise<void> {
  await slowWorker(lab.host(SLOWED.name));
  if (policy.by !== 'knowledge') return;
  const to = `-t ${VIP.address}:${VIP.port} -r ${serverAddress(SPEEDS.at(-1)!)}:${VIP.port}`;
  await director.sh(`ipvsadm -e ${to} -g -w ${SLOWED.weight}`);
}

/** Clients begin with the requests of a file, and go on until all have ended. */
export async function startLoad(
  { client }: Pick<Stage, 'client'>,
  file: string,
  patience: number,
): Promise<void> {
  await client.sh('cat >/run/requests', file);
  const words = ['/run/requests', VIP.address, VIP.port, patience];
  await client.sh(`setsid ${client.perl('arrivals', words)} </dev/null >/run/requests.out 2>&1 &`);
}

/** What a server has done until now. */
export interface Done {
  /** Seconds by the machine's clock. */
  readonly at: number;
  /** Seconds of work. */
  readonly busy: number;
  readonly served: number;
  /** Requests whose client had gone. */
  readonly gone: number;
  /** Seconds that its answers were late by the machine's fault, all together. */
  readonly late: number;
}

export async function doneBy(server: Host): Promise<Done> {
  const text = await server.sh(`read up _ </proc/uptime; echo $up; cat ${FOLDER}/busy ${FOLDER}/served`);
  const [at, busy, , served, gone, late] = text.split(/\s+/).map(Number) as [number, number, ...number[]];
  return { at, busy: busy / 1e6, served: served!, gone: gone!, late: late! };
}
