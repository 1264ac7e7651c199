import { isLoopback } from '../../cluster/address.js';
import type { Cluster, VipOn } from '../../cluster/cluster.js';
import { receivers } from '../../cluster/fallback.js';
import { addressesOf, hostFinder } from '../../cluster/machines.js';
import { entrances } from '../../cluster/naming.js';
import type { Forwarding, Protocol, Tunnel } from '../../cluster/service.js';
import type { Act } from '../../director/host/act.js';
import { lvsctl } from '../mend.js';
import type { Patient } from '../patient.js';

/** What this real server is sent: one entrance of a service, to one of its own addresses. */
export interface Task {
  readonly service: string;
  readonly vip: string;
  /** 0: every port. */
  readonly port: number;
  readonly protocol: Protocol;
  /** The server's own address, and with NAT the port there. */
  readonly rip: string;
  readonly serverPort: number;
  readonly forwarding: Forwarding;
  readonly tunnel?: Tunnel;
  /** Where it has the VIP; undefined behind NAT, where it has none. */
  readonly place: VipOn | undefined;
  /** The interface that the description gives for it. */
  readonly interface: string | undefined;
}

/** All that a real server with these addresses is sent, in the order of the description. */
export function tasksOf(cluster: Cluster, own: ReadonlySet<string>): Task[] {
  const hostOf = hostFinder(cluster);
  const { vipOn, interface: usual } = cluster.realServers;
  return cluster.services.flatMap(service =>
    receivers(service)
      .filter(({ address }) => own.has(address) && !isLoopback(address))
      .flatMap(server =>
        entrances(service).map(({ address: vip, port, protocol }) => ({
          service: service.name,
          vip,
          port,
          protocol,
          rip: server.address,
          serverPort: server.port,
          forwarding: server.forwarding,
          ...(server.tunnel ? { tunnel: server.tunnel } : {}),
          place: server.forwarding === 'nat' ? undefined : placeOf(vip, vipOn),
          interface: hostOf(server)?.interface ?? usual,
        })),
      ),
  );
}

/** tunl0 is a device for IPv4. */
function placeOf(vip: string, vipOn: VipOn): VipOn {
  return vipOn === 'tunl0' && vip.includes(':') ? 'lo' : vipOn;
}

/** What this machine is sent; undefined where it is no real server. @throws NotKnown, KernelFailure */
export async function tasksHere(
  patient: Pick<Patient, 'cluster' | 'machine' | 'addresses'>,
): Promise<Task[] | undefined> {
  const { cluster, machine } = patient;
  if (!machine.realServer) return undefined;
  const held = (await patient.addresses()).map(one => one.address);
  const known = machine.director ? addressesOf(cluster, machine.director.name) : [];
  return tasksOf(cluster, new Set([...held, ...known]));
}

/**
 * What makes this machine a real server once more: it adds what is missing, and takes back what is described no more.
 * That goes by the description: nothing, where a director runs another cluster.
 */
export async function setUpAgain({
  program,
  fileWords,
  isRunning,
  description,
}: Pick<Patient, 'program' | 'fileWords' | 'isRunning' | 'description'>): Promise<Act[]> {
  if (isRunning && (await description())?.problem !== undefined) return [];
  return [lvsctl(program, 'realserver-setup', ...fileWords)];
}
