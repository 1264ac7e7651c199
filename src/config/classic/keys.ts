import type { Path } from '../located.js';

interface ClassicKey {
  /** Where its words go in the YAML form. A director's words become name, address and interface. */
  readonly path: Path;
  /** What follows it, for messages; its words are counted. `…` at the end takes the rest of the line as one text. */
  readonly words: readonly string[];
  readonly repeats?: true;
}

/** The keys of lvs.conf. The first five are those of 2007, the others what its authors kept in files edited by hand. */
export const CLASSIC_KEYS: Readonly<Record<string, ClassicKey>> = {
  monfile: { path: ['mon', 'config'], words: ['PATH'] },
  cfbasedir: { path: ['mon', 'base'], words: ['PATH'] },
  mondir: { path: ['mon', 'monitors'], words: ['PATH'] },
  alertdir: { path: ['mon', 'alerts'], words: ['PATH'] },
  lvshost: { path: [], words: ['VIP'], repeats: true },
  director: { path: ['directors'], words: ['NAME', 'ADDRESS', 'INTERFACE'], repeats: true },
  realif: { path: ['real_servers', 'interface'], words: ['INTERFACE'] },
  mailto: { path: ['notify', 'mail'], words: ['ADDRESS', '…'] },
  poll: { path: ['polling', 'schedule'], words: ['CRON', '…'] },
  law: { path: ['polling', 'law'], words: ['LAW'] },
  checker: { path: ['checker'], words: ['CHECKER'] },
  failover: { path: ['failover', 'by'], words: ['FAILOVER'] },
};

const LABELS = new Map(Object.entries(CLASSIC_KEYS).map(([key, { path }]) => [path.join('.'), key]));

/** What the classic form calls a value of the YAML form. */
export function classicLabel(path: Path): string | undefined {
  const inService = path[0] === 'services';
  if (inService && path.length === 3 && path[2] === 'address') return 'lvshost';
  return LABELS.get(path.filter(step => typeof step === 'string').join('.'));
}
