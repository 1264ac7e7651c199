/** How fast the real servers are, in this order. */
export const SPEEDS = [1, 2, 4, 8] as const;
export const VIP = { address: '192.168.45.26', port: 80 } as const;
/** What the load agents listen on, as of old. */
export const AGENT = 2357;

export interface Policy {
  readonly name: string;
  readonly scheduler: 'rr' | 'wrr' | 'wlc';
  /** In the description, in the order of `SPEEDS`. */
  readonly weights: readonly number[];
  /** Who changes them: `lvsctl poll`, a script that sets the idle share by load1, or somebody who knows of the change. */
  readonly by?: 'capacity' | 'idle' | 'knowledge';
  /** How a plot shows it. */
  readonly role: 'best' | 'ours' | 'other';
}

const EQUAL = [1, 1, 1, 1];

/** What runs side by side; more of them are too much for a machine with two processors. */
export const SETS = {
  ours: [
    { name: 'wlc, perfect weights', scheduler: 'wlc', weights: SPEEDS, role: 'best' },
    { name: 'wlc, capacity', scheduler: 'wlc', weights: EQUAL, by: 'capacity', role: 'ours' },
    { name: 'wrr, perfect weights', scheduler: 'wrr', weights: SPEEDS, role: 'best' },
    { name: 'wrr, capacity', scheduler: 'wrr', weights: EQUAL, by: 'capacity', role: 'ours' },
  ],
  others: [
    { name: 'wlc, equal weights', scheduler: 'wlc', weights: EQUAL, role: 'other' },
    { name: 'wrr, equal weights', scheduler: 'wrr', weights: EQUAL, role: 'other' },
    { name: 'rr', scheduler: 'rr', weights: EQUAL, role: 'other' },
    { name: 'wrr, idle share by load1', scheduler: 'wrr', weights: EQUAL, by: 'idle', role: 'other' },
  ],
  /** The fastest server becomes half as fast. */
  step: [
    { name: 'perfect weights at once', scheduler: 'wlc', weights: SPEEDS, by: 'knowledge', role: 'best' },
    { name: 'capacity', scheduler: 'wlc', weights: SPEEDS, by: 'capacity', role: 'ours' },
    { name: 'the old weights', scheduler: 'wlc', weights: SPEEDS, role: 'other' },
  ],
} as const satisfies Record<string, readonly Policy[]>;
export type SetName = keyof typeof SETS;
/** The server that a step slows, and what its weight should be then. */
export const SLOWED = { name: 'web8', weight: 4 } as const;

export function serverName(speed: number): string {
  return `web${speed}`;
}

export function serverAddress(speed: number): string {
  return `192.168.45.${100 + speed}`;
}

/** Every five seconds, with seconds first. */
export const SCHEDULE = '*/5 * * * * *';

export function description({ scheduler, weights, by }: Policy): string {
  const servers = SPEEDS.map(
    (speed, index) => `{ address: ${serverAddress(speed)}, weight: ${weights[index]} }`,
  );
  const hosts = SPEEDS.map(speed => `${serverName(speed)}: { address: ${serverAddress(speed)} }`);
  return `version: 1
directors: [ { name: midas, address: 192.168.45.23, interface: eth0 } ]
real_servers: { interface: eth0 }
${by === 'capacity' || by === 'idle' ? `polling: { law: ${by === 'idle' ? 'static' : by}, schedule: "${SCHEDULE}" }\n` : ''}hosts: { ${hosts.join(', ')} }
services:
  - name: web
    address: ${VIP.address}
    port: ${VIP.port}
    scheduler: ${scheduler}
    servers: [ ${servers.join(', ')} ]
`;
}
