import type { Lab } from '../../src/lab/lab.js';
import {
  closedPort,
  closedTls,
  deafToPings,
  type Illness,
  listens,
  listensTls,
  says,
  silence,
  type Step,
  steps,
  wrongWords,
} from './illnesses.js';

/** A service of two servers, one of which, `sick`, is made ill and well again; `good` always is well. */
export interface Patient {
  readonly name: string;
  readonly ipv6: boolean;
  readonly port: number;
  /** The service's; its check may speak another one. */
  readonly protocol: 'tcp' | 'udp';
  /** The key `check` of the description, without its times. */
  readonly check: object;
  /** What both servers have from the beginning. */
  readonly setUp: Step;
  readonly illness: Illness;
}

/** A program that a check runs, ADDRESS PORT: alive is who greets. */
const GREETING_CHECK = '/usr/local/lib/check-greeting';
/** Milliseconds within which every illness and every recovery has to be noticed, on a busy machine too. */
const LIMIT = 80_000;
const NAME = 'www.example.org';
const QUOTED = 'all "well" (since $5 | 1\\2)';

/** One kind of check over IPv4 and over IPv6, each with an illness of its own. */
function pair(
  name: string,
  port: number,
  each: (port: number, ipv6: boolean) => Pick<Patient, 'check' | 'setUp' | 'illness'>,
  protocol: Patient['protocol'] = 'tcp',
): Patient[] {
  return [false, true].map(ipv6 => {
    const own = ipv6 ? port + 1 : port;
    return { name: ipv6 ? `${name}6` : name, ipv6, port: own, protocol, ...each(own, ipv6) };
  });
}

/** All kinds of checks that a description can ask for. */
export const PATIENTS: readonly Patient[] = [
  ...pair('tcp', 7010, port => ({
    check: { type: 'tcp' },
    setUp: listens('tcp', port),
    illness: closedPort('tcp', port),
  })),
  ...pair('status', 7020, port => ({
    check: { type: 'http', path: '/healthz', host: NAME, status: [200, 204] },
    setUp: steps(says(port, `204 /healthz ${NAME}`), listens('tcp', port)),
    // A redirect is well where no list says otherwise.
    illness: wrongWords('its status is 302', port, `302 /healthz ${NAME}`, `204 /healthz ${NAME}`),
  })),
  ...pair('site', 7030, port => ({
    check: { type: 'http', host: NAME },
    setUp: steps(says(port, `302 / ${NAME}`), listens('tcp', port)),
    illness: wrongWords('it knows another site only', port, '200 / example.org', `302 / ${NAME}`),
  })),
  ...pair('content', 7040, port => ({
    check: { type: 'http', expect: QUOTED },
    setUp: steps(says(port, `200\nseems ${QUOTED}, yes`), listens('tcp', port)),
    illness: wrongWords('its content is wrong', port, `200\n${QUOTED.slice(1)}`, `200\n${QUOTED}`),
  })),
  ...pair('https', 7050, (port, ipv6) => ({
    check: { type: 'https', path: '/healthz', host: NAME },
    setUp: listensTls(port, NAME, `302 /healthz ${NAME}`),
    illness: ipv6
      ? closedTls(port)
      : wrongWords('its status is 503', port + 10_000, `503 /healthz ${NAME}`, `302 /healthz ${NAME}`),
  })),
  ...pair('smtp', 7060, (port, ipv6) => ({
    // Asked on another port than the service's own.
    check: { type: 'smtp', port: port + 100 },
    setUp: listens('smtp', port + 100),
    illness: ipv6 ? silence(port + 100) : wrongWords('it greets with 421', port + 100, '421', '220'),
  })),
  ...pair(
    'dns',
    7070,
    (port, ipv6) => ({
      check: { type: 'dns', host: NAME },
      setUp: listens('dns', port),
      illness: ipv6 ? silence(port) : wrongWords('it answers SERVFAIL', port, '2', '0'),
    }),
    'udp',
  ),
  ...pair(
    'ping',
    7080,
    (_, ipv6) => ({
      check: { type: 'ping' },
      setUp: () => Promise.resolve(),
      illness: deafToPings(ipv6),
    }),
    'udp',
  ),
  ...pair('script', 7090, (port, ipv6) => ({
    check: { type: 'script', command: `${GREETING_CHECK} {address} {port}` },
    setUp: listens('smtp', port),
    illness: ipv6 ? silence(port) : closedPort('smtp', port),
  })),
];

const ADDRESSES = {
  vip: ['192.168.45.26', '2001:db8:45::26'],
  good: ['192.168.45.13', '2001:db8:45::13'],
  sick: ['192.168.45.43', '2001:db8:45::43'],
} as const;

/** Of `good`, `sick` or the VIP, as the patient's family is: `192.168.45.43:80`, `[2001:db8:45::43]:80`. */
export function endpointOf({ ipv6, port }: Patient, who: keyof typeof ADDRESSES): string {
  return ipv6 ? `[${ADDRESSES[who][1]}]:${port}` : `${ADDRESSES[who][0]}:${port}`;
}

/** A cluster with one director, `midas`, whose checker has these patients; `times` are keys of each check. */
export function hospital(
  checker: 'keepalived' | 'mon',
  patients: readonly Patient[],
  times: object,
  servers: readonly string[] = ['good', 'sick'],
): string {
  const services = patients.map(one => ({
    name: one.name,
    address: ADDRESSES.vip[one.ipv6 ? 1 : 0],
    port: one.port,
    protocol: one.protocol,
    check: { ...one.check, ...times },
    servers,
  }));
  const host = ([address, address6]: readonly [string, string]): object => ({ address, address6 });
  return JSON.stringify({
    version: 1,
    checker,
    directors: [{ name: 'midas', ...host(['192.168.45.23', '2001:db8:45::23']), interface: 'eth0' }],
    hosts: { good: host(ADDRESSES.good), sick: host(ADDRESSES.sick) },
    services,
  });
}

/** Both servers listen, and the director has the program that is a check. */
export async function openHospital(lab: Lab, patients: readonly Patient[]): Promise<void> {
  // Without a program of its own: under emulation ncat takes a second to start, and four checks begin each second.
  const script = `#!/bin/bash\nexec 3<>"/dev/tcp/$1/$2" && IFS= read -r -t 2 line <&3 && [ "\${line#220 }" != "$line" ]\n`;
  await lab.host('midas').sh(`cat >${GREETING_CHECK}; chmod 755 ${GREETING_CHECK}`, script);
  await Promise.all(
    lab.role('server').map(async host => {
      for (const one of patients) await one.setUp(host);
    }),
  );
}

/**
 * Does something to one patient after the other, and watches until all are noticed, or for a while.
 *
 * @param noticed the patients noticed so far
 * @returns for each that was noticed the seconds from what was done to it
 */
export async function watched(
  lab: Lab,
  patients: readonly Patient[],
  noticed: () => Promise<readonly Patient[]>,
  act: (one: Patient) => Promise<unknown> = () => Promise.resolve(),
): Promise<Map<Patient, number>> {
  const since = new Map<Patient, number>();
  const found = new Map<Patient, number>();
  let end = Infinity;
  const acts = async (): Promise<void> => {
    for (const one of patients) {
      since.set(one, performance.now());
      await act(one);
    }
    end = performance.now() + LIMIT;
  };
  const look = async (): Promise<boolean> => {
    for (const one of await noticed()) {
      const start = since.get(one);
      if (start !== undefined && !found.has(one))
        found.set(one, Math.round((performance.now() - start) / 100) / 10);
    }
    return found.size === patients.length || performance.now() > end;
  };
  await Promise.all([acts(), lab.until('the patients', look, 200)]);
  return found;
}
