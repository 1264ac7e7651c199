import type { Host, Lab } from '../../../src/lab/lab.js';
import { HEARD } from '../../../src/state/paths.js';
import { startKeepalived } from '../daemons.js';
import { realServer, withCluster } from '../harness.js';
import { installLvsctl, must, patiently } from '../lvsctl.js';
import { start } from './faults.js';
import { machineTime, Observer } from './observer.js';

export const CHECKERS = ['mon', 'keepalived', 'ldirectord'] as const;
export type Checker = (typeof CHECKERS)[number];

const VIP = { address: '192.168.45.26', port: 80 } as const;
const [FIRST, SECOND] = ['192.168.45.13', '192.168.45.43'] as const;
/** New connections a second, half of them to each server. */
export const RATE = 20;
/** As in `TableState.weights`: the server to which it all happens, and the other one. */
export const VICTIM = `${VIP.address}:${VIP.port}>${FIRST}:${VIP.port}`;
const OTHER = `${VIP.address}:${VIP.port}>${SECOND}:${VIP.port}`;

/** Checks each second, an answer within a second, dead at the first that fails. ldirectord is not described here. */
export function description(checker: Checker): string {
  return `version: 1
checker: ${checker === 'ldirectord' ? 'none' : checker}
directors: [ { name: midas, address: 192.168.45.23, interface: eth0 } ]
real_servers: { interface: eth0 }
hosts: { web1: { address: ${FIRST} }, web2: { address: ${SECOND} } }
services:
  - name: web
    address: ${VIP.address}
    port: ${VIP.port}
    scheduler: wrr
    check: { type: http, interval: 1s, timeout: 1s, retries: 0 }
    servers: [ web1, web2 ]
`;
}

/** The same in ldirectord's words; of two lines about one thing it takes the last. */
const LDIRECTORD = `checktimeout=1
negotiatetimeout=1
checkinterval=1
checkcount=1
quiescent=no
virtual=${VIP.address}:${VIP.port}
	real=${FIRST}:${VIP.port} gate
	real=${SECOND}:${VIP.port} gate
	service=http
	scheduler=wrr
	protocol=tcp
	checktype=negotiate
	request="/"
	receive="web"
`;

/** A director with a checker in front of two servers, and clients that ask all the time. */
export interface Stage {
  readonly lab: Lab;
  readonly checker: Checker;
  readonly client: Host;
  readonly director: Host;
  readonly victim: Host;
  readonly observer: Observer;
  /** When both servers were in the table for the first time, by the machine's clock: clients had been asking before. */
  readonly whole: number;
  /** Why lvsctl takes no drains here; undefined where it does. */
  readonly refusal: string | undefined;
}

export { VIP };

/** Seconds that all of it may take to come up on a busy machine. */
const PATIENCE = 120;

export async function withStage(checker: Checker, work: (stage: Stage) => Promise<void>): Promise<void> {
  await withCluster(description(checker), async lab => {
    const director = lab.host('midas');
    await Promise.all(lab.role('server').map(one => realServer(one)));
    await Promise.all(lab.role('server').map(start));
    const refusal = await startChecker(lab, director, checker);
    const observer = await Observer.start(lab.client, director, VIP, RATE);
    try {
      await lab.until('both servers are in the table', () => isWhole(observer), PATIENCE);
      const whole = await machineTime(director);
      const victim = lab.host('web1');
      await work({ lab, checker, client: lab.client, director, victim, observer, whole, refusal });
    } finally {
      await observer.stop();
    }
  });
}

export async function isWhole(observer: Observer): Promise<boolean> {
  const { weights } = await observer.now();
  return [VICTIM, OTHER].every(one => (weights.get(one) ?? 0) > 0);
}

/** @returns why lvsctl does not act there */
async function startChecker(lab: Lab, director: Host, checker: Checker): Promise<string | undefined> {
  if (checker === 'ldirectord') {
    // Emptied: what is there from then on is ldirectord's, which has asked the servers.
    await director.sh('/etc/init.d/director.lvs.dr start; ipvsadm -C');
    await director.sh('cat >/etc/ha.d/ldirectord.cf', LDIRECTORD);
    await director.daemon('ldirectord', 'ldirectord -d /etc/ha.d/ldirectord.cf start');
    return "the table is ldirectord's alone";
  }
  await installLvsctl(director);
  await director.sh('mkdir -p /etc/lvsctl && cat >/etc/lvsctl/lvs.yaml', description(checker));
  const { exitCode, stderr } = await patiently(lab, director, 'modprobe ip_vs; lvsctl apply');
  if (exitCode !== 0 && checker === 'mon') throw new Error(stderr);
  const refusal = exitCode === 0 ? undefined : (/^lvsctl: (.*)$/m.exec(stderr)?.[1] ?? stderr);
  if (refusal === undefined) await must(lab, director, 'lvsctl director start');
  if (checker === 'keepalived') await startKeepalived(director);
  else {
    await director.sh('mon -f -c /etc/mon/mon.cf -P /run/mon.pid');
    const isHeard = async (): Promise<boolean> => (await director.run(`[ -e ${HEARD} ]`)).exitCode === 0;
    await lab.until('mon has told of its start', isHeard, PATIENCE);
  }
  return refusal;
}
