export type CheckType = 'tcp' | 'http' | 'https' | 'smtp' | 'dns' | 'ping' | 'script' | 'none';

export const CHECK_TYPES: readonly CheckType[] = [
  'tcp',
  'http',
  'https',
  'smtp',
  'dns',
  'ping',
  'script',
  'none',
];

/** How a server's health is found out. Which keys a type reads is in CHECK_KEYS. */
export interface Check {
  readonly type: CheckType;
  /** Absent = the server's own port; under a mark the first match's. */
  readonly port?: number;
  /** Milliseconds between two checks. */
  readonly interval: number;
  /** Milliseconds after which an answer counts as missing. */
  readonly timeout: number;
  /** Failed checks repeated before the server counts as dead, one interval apart. */
  readonly retries: number;
  /** http, https. */
  readonly path?: string;
  /** http, https: Host header and SNI; dns: the name asked for. */
  readonly host?: string;
  /** http, https: text that the answer must contain. */
  readonly expect?: string;
  /** http, https: absent = 200–399. */
  readonly status?: readonly number[];
  /** script: program and arguments; `{address}`, `{port}` and `{service}` stand for the server's. */
  readonly command?: readonly string[];
}

/** The keys that a check of each type reads besides interval, timeout and retries. */
export const CHECK_KEYS: Readonly<Record<CheckType, readonly string[]>> = {
  tcp: ['port'],
  http: ['port', 'path', 'host', 'expect', 'status'],
  https: ['port', 'path', 'host', 'expect', 'status'],
  smtp: ['port'],
  dns: ['port', 'host'],
  ping: [],
  script: ['port', 'command'],
  none: [],
};
