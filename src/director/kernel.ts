import { Source } from '../diagnostic/source.js';
import { harmless } from '../diagnostic/quote.js';
import type { Files, Ports } from '../system/ports.js';
import { serverPlace } from '../table/identity.js';
import { type Connection, parseConnections } from '../table/parse/connections.js';
import { type CounterTable, type Limits, parseCounters, parseThresholds } from '../table/parse/listing.js';
import { UnknownOutput } from '../table/parse/output.js';
import { parseRules } from '../table/parse/rules.js';
import { parseDaemons, parseTimeouts } from '../table/parse/settings.js';
import type { Activity, Live, Table, TableService } from '../table/table.js';
import { isDenied, KernelFailure, missing } from './failure.js';

type Asked = Pick<Ports, 'runner' | 'files'>;

const PROC = '/proc/net/ip_vs';
/** What of the table is read to compare it with the one that is wanted: the arguments of ipvsadm. */
const [RULES, THRESHOLDS, TIMEOUTS] = [['-Sn'], ['-Ln', '--thresholds'], ['-Ln', '--timeout']] as const;
export const DUMPS = [RULES, THRESHOLDS, TIMEOUTS] as const;
const SYSCTLS = '/proc/sys/net/ipv4/vs';

/**
 * All that the kernel holds of IPVS. Changes nothing: it does not load the module either, as ipvsadm would.
 *
 * @throws KernelFailure
 */
export async function readLive(ports: Asked): Promise<Live> {
  await expectModule(ports.files);
  return understanding(async () => {
    const found = await readServices(ports);
    const [timeouts, daemons, sysctls] = await Promise.all([
      ipvsadm(ports, ...TIMEOUTS),
      ipvsadm(ports, '-Ln', '--daemon'),
      readSysctls(ports.files),
    ]);
    const { services, activity } = found;
    const table = { services, timeouts: parseTimeouts(timeouts) };
    return { table, activity, daemons: parseDaemons(daemons), sysctls };
  });
}

/** A table without what holds for all services: what is asked again and again. @throws KernelFailure */
export async function readNow(ports: Asked): Promise<Pick<Live, 'activity'> & Pick<Table, 'services'>> {
  await expectModule(ports.files);
  return understanding(() => readServices(ports));
}

/**
 * What services and servers have carried since they were added or their counters set to zero, or, with `rate`, carry a
 * second, as the kernel estimates it. The kernel brings both up to date every two seconds.
 *
 * @throws KernelFailure
 */
export async function readCounters(ports: Asked, which: 'stats' | 'rate'): Promise<CounterTable> {
  await expectModule(ports.files);
  return understanding(async () => parseCounters(await ipvsadm(ports, '-Ln', `--${which}`, '--exact')));
}

/** Every connection that the kernel knows. @throws KernelFailure */
export async function readConnections(ports: Asked): Promise<Connection[]> {
  await expectModule(ports.files);
  return understanding(async () => parseConnections(await ipvsadm(ports, '-Lcn')));
}

interface Services {
  readonly services: readonly TableService[];
  readonly activity: Activity;
}

async function readServices(ports: Asked): Promise<Services> {
  // Two programs are two moments: where someone changed the table between them, once more.
  const found = (await readTable(ports)) ?? (await readTable(ports));
  if (found) return found;
  throw new KernelFailure('not-understood', 'the table changes while it is read', 'try again');
}

/** Undefined where the rules and the thresholds are not of the same servers. */
async function readTable(ports: Asked): Promise<Services | undefined> {
  const [rules, thresholds] = await Promise.all([ipvsadm(ports, ...RULES), ipvsadm(ports, ...THRESHOLDS)]);
  expectTunnels(rules);
  const { services, diagnostics } = parseRules(new Source('ipvsadm -Sn', rules));
  const [problem] = diagnostics;
  if (problem?.span) {
    const line = problem.source!.place(problem.span.start).line;
    const message = `ipvsadm -Sn, line ${line}, is not understood: ${problem.message}`;
    throw new KernelFailure('not-understood', message);
  }
  const limits = parseThresholds(thresholds);
  const whole = withLimits(services, limits);
  return whole && { services: whole, activity: limits };
}

function withLimits(
  services: readonly TableService[],
  limits: ReadonlyMap<string, Limits>,
): TableService[] | undefined {
  let count = 0;
  const whole = services.map(service => ({
    ...service,
    servers: service.servers.flatMap(server => {
      const found = limits.get(serverPlace(service.key, server));
      if (!found) return [];
      count++;
      return [{ ...server, upper: found.upper, lower: found.lower }];
    }),
  }));
  const all = services.reduce((sum, service) => sum + service.servers.length, 0);
  return count === all && count === limits.size ? whole : undefined;
}

/** Since 1.31 ipvsadm names the type of every tunnel; before, a gue tunnel looks like an ipip one. */
function expectTunnels(rules: string): void {
  if (!/^-a .* -i (?!.*--tun-type)/m.test(rules)) return;
  throw new KernelFailure(
    'old-program',
    'this ipvsadm does not tell the types of tunnels, of which the table has some',
    'ipvsadm 1.31 does',
  );
}

async function expectModule(files: Files): Promise<void> {
  if (await files.look(PROC)) return;
  throw new KernelFailure(
    'no-module',
    `this kernel has no IPVS: there is no ${PROC}`,
    'load its module with modprobe ip_vs',
  );
}

async function readSysctls(files: Files): Promise<Record<string, string>> {
  const names = await files.list(SYSCTLS);
  const values = await Promise.all(
    names.map(async name => {
      const bytes = await files.read(`${SYSCTLS}/${name}`);
      return [name, new TextDecoder().decode(bytes).trim().replaceAll(/\s+/g, ' ')] as const;
    }),
  );
  return Object.fromEntries(values);
}

/** The table as ipvsadm prints it, by each of `DUMPS`. @throws KernelFailure */
export async function readDumps(ports: Asked): Promise<string[]> {
  await expectModule(ports.files);
  return await Promise.all(DUMPS.map(args => ipvsadm(ports, ...args)));
}

async function ipvsadm({ runner }: Asked, ...args: readonly string[]): Promise<string> {
  const result = await runner.run('ipvsadm', args);
  if (result.missing) throw missing('ipvsadm');
  if (result.exitCode === 0) return result.stdout;
  const said = result.stderr.trim();
  const command = `ipvsadm ${args.join(' ')}`;
  if (isDenied(said))
    throw new KernelFailure('not-permitted', 'only root may read the IPVS table', 'try as root');
  if (/can't initialize ipvs|protocol not available/i.test(said))
    throw new KernelFailure('no-module', 'this kernel has no IPVS', 'load its module with modprobe ip_vs');
  if (/unknown option|unexpected argument/i.test(said)) {
    const message = `this ipvsadm does not know ${command}: ${firstLine(said)}`;
    throw new KernelFailure('old-program', message, 'ipvsadm 1.31 does');
  }
  throw new KernelFailure(
    'not-understood',
    `${command} failed${result.exitCode === undefined ? '' : ` (${result.exitCode})`}: ${firstLine(said) || 'without a word'}`,
  );
}

function firstLine(text: string): string {
  return harmless(text.split('\n')[0]!.slice(0, 200));
}

async function understanding<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof UnknownOutput) throw new KernelFailure('not-understood', error.message);
    throw error;
  }
}
