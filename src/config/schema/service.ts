import * as z from '../../diagnostic/zod.js';
import { CHECK_TYPES } from '../../cluster/check.js';
import { FLAGS, type Flag, SCHEDULERS, type SchedulerName } from '../../cluster/scheduler.js';
import { FAILURE_ACTIONS, FORWARDINGS, LAWS, PROTOCOLS } from '../../cluster/service.js';
import { canonicalAddress } from '../../cluster/address.js';
import { isName } from '../../cluster/naming.js';
import { integer, map, text, truth, word } from './scalar.js';
import {
  address,
  command,
  duration,
  expectedText,
  hostName,
  kernelTimeout,
  name,
  networkInterface,
  port,
  servicePort,
  urlPath,
} from './values.js';

const HOUR = 3_600_000;
/** ipvsadm takes no more (INT_MAX). */
const CONNECTIONS = 2_147_483_647;

export const law = word(LAWS, 'unknown-law');
const weight = integer(0, 65535, 'bad-weight');
const status = integer(100, 599);
const persistenceTimeout = duration(1000, 31 * 24 * HOUR, true);

const persistence = z.union([
  persistenceTimeout,
  map({
    timeout: persistenceTimeout.optional(),
    netmask: integer(1, 128).optional(),
    engine: word(['sip'] as const, 'unknown-engine').optional(),
  }),
]);

export const check = map({
  type: word(CHECK_TYPES).optional(),
  port: port.optional(),
  interval: duration(100, 24 * HOUR).optional(),
  timeout: duration(100, HOUR).optional(),
  retries: integer(0, 100).optional(),
  path: urlPath.optional(),
  host: hostName.optional(),
  expect: expectedText.optional(),
  status: z.union([status, z.array(status).min(1)]).optional(),
  command: command.optional(),
});

const tunnel = map({
  type: word(['ipip', 'gre', 'gue'] as const).optional(),
  port: port.optional(),
  checksum: truth.optional(),
});

/** A server may be a bare address or a name of `hosts`. What looks like an address has to be one. */
const serverName = text({
  code: 'bad-address',
  allowed: 'an address or a name of hosts',
  help: 'IPv6 has no brackets here; a port or a weight goes into { address: …, port: …, weight: … }',
  matches: value => (/^[0-9.]+$|:/.test(value) ? canonicalAddress(value) !== undefined : isName(value)),
});

const server = z.union([
  serverName,
  map({
    host: name.optional(),
    address: address.optional(),
    port: servicePort.optional(),
    weight: weight.optional(),
    forwarding: word(FORWARDINGS).optional(),
    tunnel: tunnel.optional(),
    upper: integer(0, CONNECTIONS).optional(),
    lower: integer(0, CONNECTIONS).optional(),
  }),
]);

/** What `defaults` may give for every service. */
const SHARED = {
  interface: networkInterface.optional(),
  forwarding: word(FORWARDINGS).optional(),
  scheduler: word(Object.keys(SCHEDULERS) as SchedulerName[], 'unknown-scheduler').optional(),
  flags: z.array(word(Object.keys(FLAGS) as Flag[], 'unknown-flag')).optional(),
  persistence: persistence.optional(),
  one_packet: truth.optional(),
  check: check.optional(),
  on_failure: word(FAILURE_ACTIONS).optional(),
  minimum_servers: integer(0, 1000).optional(),
  fallback: z.union([address, map({ address, port: servicePort.optional() })]).optional(),
  slow_start: duration(0, 24 * HOUR).optional(),
  law: law.optional(),
};

/** `family` is a property of a mark, and still one of the keys that `defaults` may hold. */
const family = word(['ipv4', 'ipv6'] as const);

export const defaults = map({ ...SHARED, family: family.optional() });

export const service = map({
  name: name.optional(),
  address: address.optional(),
  port: servicePort.optional(),
  protocol: word(PROTOCOLS).optional(),
  fwmark: integer(1, 4_294_967_295).optional(),
  family: family.optional(),
  match: z
    .array(map({ address, port: servicePort, protocol: word(PROTOCOLS).optional() }))
    .min(1)
    .optional(),
  ...SHARED,
  servers: z.array(server).optional(),
});

export const timeouts = map({
  tcp: kernelTimeout.optional(),
  tcp_fin: kernelTimeout.optional(),
  udp: kernelTimeout.optional(),
});

export type RawService = z.infer<typeof service>;
export type RawServer = Exclude<z.infer<typeof server>, string>;
export type RawCheck = z.infer<typeof check>;
export type RawDefaults = z.infer<typeof defaults>;
