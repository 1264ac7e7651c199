import type { Check } from '../check.js';

/** What is looked at on the wire, from either kind of host. */
export const WIRE_CHECKS: readonly Check[] = [];
