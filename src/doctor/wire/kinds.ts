import type { Kind } from '../kind.js';

/** What may be wrong on the wire. */
export const WIRE_KINDS = {} as const satisfies Record<string, Kind>;
