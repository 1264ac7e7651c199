import fc from 'fast-check';
import { SCHEDULERS, type SchedulerName } from '../../src/cluster/scheduler.js';
import { distinct } from './arbitrary.js';
import { address, mail, name, networkInterface, path, scheduleWithSeconds } from './arbitrary-values.js';

/** What a text in the classic form says, apart from how it is laid out. */
export interface Classic {
  /** Each its words, in their order. */
  readonly keys: readonly (readonly string[])[];
  readonly hosts: readonly { readonly vip: string; readonly services: readonly ClassicService[] }[];
}

interface ClassicService {
  readonly protocol: string;
  readonly port: string;
  readonly scheduler: SchedulerName;
  readonly servers: readonly { readonly address: string; readonly weight: number }[];
}

const maybe = <T>(one: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(one, { nil: undefined });

const servers = (family: 'ipv4' | 'ipv6') =>
  fc.array(
    fc.record({
      address: address('server', family),
      weight: fc.oneof(fc.constant(1), fc.integer({ min: 0, max: 65_535 })),
    }),
    { maxLength: 4 },
  );

const hosts = fc.constantFrom<'ipv4' | 'ipv6'>('ipv4', 'ipv4', 'ipv6').chain(family =>
  fc.record({
    vip: address('vip', family),
    services: fc.array(
      fc.record({
        protocol: fc.constantFrom('tcp', 'udp', 'sctp'),
        port: fc.oneof(
          fc.constantFrom('http', 'ssh', 'domain'),
          fc.integer({ min: 1, max: 65_535 }).map(String),
        ),
        scheduler: fc.constantFrom(...(Object.keys(SCHEDULERS) as SchedulerName[])),
        servers: servers(family),
      }),
      { maxLength: 3 },
    ),
  }),
);

const wish = fc.record({
  single: fc.record({
    monfile: maybe(path),
    cfbasedir: maybe(path),
    mondir: maybe(path),
    alertdir: maybe(path),
    realif: maybe(networkInterface),
    mailto: maybe(fc.array(mail, { minLength: 1, maxLength: 3 }).map(all => all.join(' '))),
    poll: maybe(scheduleWithSeconds),
    law: maybe(fc.constantFrom('auto', 'static', 'uptime', 'capacity')),
    checker: maybe(fc.constantFrom('none', 'mon', 'keepalived')),
    failover: maybe(fc.constantFrom('none', 'vrrp', 'heartbeat')),
  }),
  directors: fc.array(fc.tuple(name, address('director', 'ipv4'), networkInterface), { maxLength: 3 }),
  hosts: fc.array(hosts, { minLength: 1, maxLength: 3 }),
});

/** What a valid text in the classic form can say. */
export const classic: fc.Arbitrary<Classic> = wish.map(({ single, directors, hosts }) => {
  const others = distinct(
    directors.filter(([name]) => name !== 'director' && name !== 'realserver'),
    ([name]) => name,
    ([, address]) => address,
  );
  const enough = { none: true, vrrp: others.length > 0, heartbeat: others.length === 2 };
  const failover = single.failover as keyof typeof enough | undefined;
  const said = { ...single, failover: failover && enough[failover] ? failover : undefined };
  const taken = new Set<string>();
  return {
    keys: [
      ...others.map(words => ['director', ...words]),
      ...Object.entries(said).flatMap(([key, value]) =>
        value === undefined ? [] : [[key, ...value.split(' ')]],
      ),
    ],
    hosts: hosts.map(({ vip, services }) => ({
      vip,
      services: services.flatMap(service => right(service, vip, taken) ?? []),
    })),
  };
});

/** The names of /etc/services that these texts use, and for what they have them. */
export const SERVICES = 'ssh 22/tcp\ndomain 53/tcp\ndomain 53/udp\nhttp 80/tcp\n';
const NAMED: Readonly<Record<string, string>> = { ssh: '22', domain: '53', http: '80' };

/** Undefined for an entrance that was there before. */
function right(service: ClassicService, vip: string, taken: Set<string>): ClassicService | undefined {
  const number = NAMED[service.port] ?? service.port;
  const named = SERVICES.includes(`${service.port} ${number}/${service.protocol}`);
  const port = named ? service.port : number;
  const key = `${vip} ${number} ${service.protocol}`;
  if (taken.has(key)) return undefined;
  taken.add(key);
  const ignored = SCHEDULERS[service.scheduler] === 'nothing';
  const servers = distinct(service.servers, one => one.address);
  return { ...service, port, servers: servers.map(one => (ignored ? { ...one, weight: 1 } : one)) };
}

/** Numbers that decide, one after the other, between the ways to write the same. */
export const layout = fc.array(fc.nat(1000), { minLength: 1, maxLength: 40 });

/** The text in one of its many layouts. */
export function classicText({ keys, hosts }: Classic, layout: readonly number[]): string {
  let at = 0;
  const pick = (...ways: readonly string[]): string => ways[layout[at++ % layout.length]! % ways.length]!;
  const blank = (): string => pick(' ', '\t', '  ', ' \t ');
  const newline = pick('\n', '\r\n');
  const end = (): string =>
    pick('', ' ', '\t', ' # comment { } service', '#') + newline + pick('', '', newline, `  # ${newline}`);
  const line = (words: readonly string[]): string =>
    pick('', '', '  ', '\t') + words.reduce((text, word) => text + blank() + word);
  let text = pick('', `# lvs.conf${newline}`, newline);
  for (const words of keys) text += line(words) + end();
  for (const { vip, services } of hosts) {
    text += line(['lvshost', vip]) + end();
    for (const { protocol, port, scheduler, servers } of services) {
      text += `${line(['service', protocol, port, scheduler])}${pick(' ', '', end())}{${pick(end(), ' ')}`;
      for (const { address, weight } of servers) {
        const words = [address, ...(weight === 1 && pick('', 'said') === '' ? [] : [String(weight)])];
        text += line(words) + end();
      }
      text += `}${end()}`;
    }
  }
  return pick('', 'cut') === '' ? text : text.replace(/\s+$/, '');
}
