import * as z from '../diagnostic/zod.js';
import { addressBits, familyOf } from '../cluster/address.js';
import { CHECK_TYPES, type Check } from '../cluster/check.js';
import { CHECKERS, type Cluster, FAILOVERS, VIP_PLACES } from '../cluster/cluster.js';
import { isInterface } from '../cluster/naming.js';
import { FLAGS, type Flag, SCHEDULERS, type SchedulerName } from '../cluster/scheduler.js';
import {
  FAILURE_ACTIONS,
  FORWARDINGS,
  LAWS,
  PROTOCOLS,
  type Service,
  type Virtual,
} from '../cluster/service.js';
import { address, integer, line, milliseconds, name, port, text, weight } from './values.js';

const networkInterface = text('the name of a network interface', isInterface);
const path = text('an absolute path', it => /^\/[A-Za-z0-9_./+@,:=~-]{0,254}$/.test(it));
const connections = integer(0, 4_294_967_295);
const realPort = integer(1, 65_535);
const law = z.enum(LAWS);
const list = <T>(element: z.ZodType<T>): z.ZodType<readonly T[]> => z.array(element);
const words = (least: number): z.ZodType<readonly string[]> => z.array(line).min(least);

const attachment = z
  .strictObject({ address, prefix: integer(1, 128), interface: networkInterface })
  .refine(it => it.prefix <= addressBits(familyOf(it.address)), { error: 'the prefix is too long' });

const virtual: z.ZodType<Virtual> = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('address'), address, port, protocol: z.enum(PROTOCOLS) }),
  z.strictObject({
    kind: z.literal('fwmark'),
    fwmark: integer(1, 4_294_967_295),
    family: z.enum(['ipv4', 'ipv6']),
    match: z.array(z.strictObject({ address, port, protocol: z.enum(PROTOCOLS) })).min(1),
  }),
]);

const persistence = z.strictObject({
  timeout: milliseconds,
  netmask: integer(1, 128),
  engine: z.literal('sip').exactOptional(),
});

const check: z.ZodType<Check> = z.strictObject({
  type: z.enum(CHECK_TYPES),
  port: realPort.exactOptional(),
  interval: milliseconds,
  timeout: milliseconds,
  retries: integer(0, 100),
  path: line.exactOptional(),
  host: line.exactOptional(),
  expect: line.exactOptional(),
  status: list(integer(100, 599)).exactOptional(),
  command: words(1).exactOptional(),
});

const tunnel = z.strictObject({
  type: z.enum(['ipip', 'gre', 'gue']),
  port: realPort.exactOptional(),
  checksum: z.boolean(),
});

const server = z
  .strictObject({
    host: name.exactOptional(),
    address,
    port,
    weight,
    forwarding: z.enum(FORWARDINGS),
    tunnel: tunnel.exactOptional(),
    upper: connections,
    lower: connections,
  })
  .refine(it => (it.forwarding === 'tunnel') === (it.tunnel !== undefined), {
    error: 'tunnel belongs to the forwarding tunnel',
  });

const service: z.ZodType<Service> = z.strictObject({
  // A name, or what a service without one is called.
  name: text('the name of a service', it => /^[A-Za-z0-9_.:/[\]-]{1,63}$/.test(it)),
  virtual,
  interface: networkInterface.exactOptional(),
  forwarding: z.enum(FORWARDINGS),
  scheduler: z.enum(Object.keys(SCHEDULERS) as SchedulerName[]),
  flags: list(z.enum(Object.keys(FLAGS) as Flag[])),
  persistence: persistence.exactOptional(),
  onePacket: z.boolean(),
  check,
  onFailure: z.enum(FAILURE_ACTIONS),
  minimumServers: integer(0, 1000).exactOptional(),
  fallback: z.strictObject({ address, port }).exactOptional(),
  slowStart: milliseconds.exactOptional(),
  law: law.exactOptional(),
  servers: list(server),
});

const director = z.strictObject({
  name,
  address,
  address6: address.exactOptional(),
  interface: networkInterface,
  inner: attachment.exactOptional(),
});

const failover = z.strictObject({
  by: z.enum(FAILOVERS),
  links: list(networkInterface),
  preempt: z.boolean(),
  preemptDelay: milliseconds,
  syncConnections: z.boolean(),
  virtualRouterId: integer(1, 255),
  advertInterval: milliseconds,
  unicast: z.boolean(),
  heartbeat: z.strictObject({
    keepalive: milliseconds,
    warntime: milliseconds,
    deadtime: milliseconds,
    initdead: milliseconds,
    udpPort: realPort,
  }),
  keyFile: path,
});

/** The model, as strictly as a kept file can be judged: what belongs together was checked before it was kept. */
export const clusterSchema: z.ZodType<Cluster> = z.strictObject({
  checker: z.enum(CHECKERS),
  hosts: list(
    z.strictObject({
      name,
      address: address.exactOptional(),
      address6: address.exactOptional(),
      interface: networkInterface.exactOptional(),
      cpus: integer(1, 4096).exactOptional(),
      agent: z.union([realPort, z.literal('none')]).exactOptional(),
    }),
  ),
  directors: list(director),
  failover,
  gateway: attachment.exactOptional(),
  realServers: z.strictObject({
    interface: networkInterface.exactOptional(),
    vipOn: z.enum(VIP_PLACES),
    content: z.strictObject({ from: line, to: path, schedule: line }).exactOptional(),
  }),
  notify: z.strictObject({ mail: list(line), command: words(1).exactOptional() }),
  polling: z.strictObject({ schedule: line, port: realPort, timeout: milliseconds, law }).exactOptional(),
  ipvs: z.strictObject({
    tableBits: integer(8, 20),
    ftpHelper: z.boolean(),
    timeouts: z.strictObject({ tcp: milliseconds, tcpFin: milliseconds, udp: milliseconds }),
  }),
  keepalived: z.strictObject({ config: path }),
  mon: z.strictObject({ config: path, base: path, monitors: path, alerts: path }),
  services: list(service),
});
