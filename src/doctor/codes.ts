import { DIRECTOR_KINDS } from './director/kinds.js';
import type { Kind } from './kind.js';
import { REAL_SERVER_KINDS } from './realserver/kinds.js';
import { SYSCTL_KINDS } from './sysctl/kinds.js';
import { WIRE_KINDS } from './wire/kinds.js';

/** Every finding there is. */
const ALL = { ...DIRECTOR_KINDS, ...REAL_SERVER_KINDS, ...SYSCTL_KINDS, ...WIRE_KINDS } as const;

export type Code = keyof typeof ALL;

export const KINDS: Readonly<Record<Code, Kind>> = ALL;
