import { isName } from '../cluster/naming.js';
import { quote } from '../diagnostic/quote.js';
import type { Source, Span } from '../diagnostic/source.js';

/** Where a value stands in a description, as the YAML form nests it: `['services', 0, 'port']`. */
export type Path = readonly (string | number)[];

export type Form = 'classic' | 'yaml';

/** A description as read, before anything is known of its meaning. */
export interface Located {
  readonly source: Source;
  readonly form: Form;
  /** Plain data in the shape of the YAML form, whichever form it was. */
  readonly raw: unknown;
  /** The place of a value, or of its key; where there is none, of the nearest thing around it. */
  span(path: Path, part?: 'key' | 'value'): Span;
  /** Whether the description says it, in contrast to a default. */
  declared(path: Path): boolean;
  /** What the reader of the description knows the key as: `monfile` for `mon.config` in the classic form. */
  label(path: Path): string;
}

/** The value at a path, or undefined. */
export function valueAt(raw: unknown, path: Path): unknown {
  let value = raw;
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
    value = (value as Record<string | number, unknown>)[step];
  }
  return value;
}

/** What messages call the elements of a list. */
const ELEMENTS: Readonly<Record<string, string>> = {
  services: 'a service',
  servers: 'a server',
  directors: 'a director',
  match: 'an entry of match',
  flags: 'a flag',
  links: 'a link',
};

/** The last word of a path; for an element of a list what such elements are called. */
export function keyOf(path: Path): string {
  const key = path.findLast(step => typeof step === 'string');
  if (key === undefined) return 'the description';
  if (typeof path.at(-1) === 'number') return ELEMENTS[key] ?? `an element of ${key}`;
  return isName(key) ? key : quote(key);
}
