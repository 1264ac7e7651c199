import type { Protocol } from '../../cluster/service.js';
import { quote } from '../../diagnostic/quote.js';
import type { Path } from '../located.js';
import type { Report } from '../report.js';

/** Port numbers of names, as /etc/services has them. */
export interface PortNames {
  lookUp(name: string, protocol: Protocol): number | undefined;
}

/** What the building of a cluster carries along. */
export interface Context {
  readonly report: Report;
  readonly ports: PortNames;
  /** Where each part of the model stands in the description. */
  readonly places: WeakMap<object, Path>;
}

/** The number of a port given by number or name; a name that is not known is reported, with what to write in its place. */
export function resolvePort(
  value: number | string,
  protocol: Protocol,
  path: Path,
  context: Context,
  help = 'write the number',
): number | undefined {
  if (typeof value === 'number') return value;
  const number = context.ports.lookUp(value, protocol);
  if (number === undefined) {
    context.report.add('unknown-port-name', path, {
      message: `/etc/services has no ${protocol} port called ${quote(value)}`,
      help,
    });
    context.report.spoil(path);
  }
  return number;
}

/** The object without the keys whose value is undefined, as exact optional properties want it. */
export function defined<T extends object>(object: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  const entries = Object.entries(object).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]: Exclude<T[K], undefined> };
}
