import * as z from '../../diagnostic/zod.js';
import { CHECKERS, FAILOVERS, VIP_PLACES } from '../../cluster/cluster.js';
import { integer, map, scalar, truth, word } from './scalar.js';
import { defaults, law, service, timeouts } from './service.js';
import {
  address,
  address6,
  agentPort,
  command,
  duration,
  mail,
  name,
  network,
  networkInterface,
  path,
  port,
  rsyncSource,
  schedule,
} from './values.js';

const HOUR = 3_600_000;

const version = scalar<1>({
  code: 'bad-version',
  allowed: '1, the only version of the format',
  accepts: (value): value is 1 => value === 1,
  json: { const: 1 },
});

const attachment = map({ address: network, interface: networkInterface });

const host = map({
  address: address.optional(),
  address6: address6.optional(),
  interface: networkInterface.optional(),
  cpus: integer(1, 4096).optional(),
  agent: agentPort.optional(),
});

const director = map({
  name,
  address,
  address6: address6.optional(),
  interface: networkInterface,
  inner: attachment.optional(),
});

const heartbeat = map({
  keepalive: duration(100, HOUR).optional(),
  warntime: duration(100, HOUR).optional(),
  deadtime: duration(100, HOUR).optional(),
  initdead: duration(100, HOUR).optional(),
  udp_port: port.optional(),
});

const failover = map({
  by: word(FAILOVERS).optional(),
  links: z.array(networkInterface).min(1).optional(),
  preempt: truth.optional(),
  // keepalived.conf(5): 0 to 1000 seconds.
  preempt_delay: duration(0, 1_000_000).optional(),
  sync_connections: truth.optional(),
  virtual_router_id: integer(1, 255).optional(),
  router_id: integer(1, 255).optional(),
  // RFC 5798: twelve bits of centiseconds.
  advert_interval: duration(10, 40_950).optional(),
  unicast: truth.optional(),
  heartbeat: heartbeat.optional(),
  key_file: path.optional(),
});

const realServers = map({
  interface: networkInterface.optional(),
  vip_on: word(VIP_PLACES).optional(),
  content: map({ from: rsyncSource, to: path, schedule: schedule(false) }).optional(),
});

const polling = map({
  schedule: schedule(true).optional(),
  port: port.optional(),
  timeout: duration(100, 60_000).optional(),
  law: law.optional(),
});

const ipvs = map({
  // The kernel takes 8 to 20 (net/netfilter/ipvs/ip_vs_conn.c).
  table_bits: integer(8, 20).optional(),
  ftp_helper: truth.optional(),
  timeouts: timeouts.optional(),
});

/** The YAML form, whole. Only `version` and `services` are required. */
export const description = map({
  version,
  checker: word(CHECKERS).optional(),
  hosts: z.record(name as unknown as z.ZodString, host).optional(),
  directors: z.array(director).optional(),
  failover: failover.optional(),
  gateway: attachment.optional(),
  real_servers: realServers.optional(),
  notify: map({ mail: z.array(mail).optional(), command: command.optional() }).optional(),
  // `polling:` alone is polling with all defaults.
  polling: polling.nullable().optional(),
  ipvs: ipvs.optional(),
  keepalived: map({ config: path.optional() }).optional(),
  mon: map({
    config: path.optional(),
    base: path.optional(),
    monitors: path.optional(),
    alerts: path.optional(),
  }).optional(),
  defaults: defaults.optional(),
  services: z.array(service),
});

export type RawDescription = z.infer<typeof description>;
