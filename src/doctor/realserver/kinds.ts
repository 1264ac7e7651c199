import type { Kind } from '../kind.js';

/** What may be wrong with a real server. */
export const REAL_SERVER_KINDS = {} as const satisfies Record<string, Kind>;
