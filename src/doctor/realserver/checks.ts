import type { Check } from '../check.js';

/** What is looked at on a real server. */
export const REAL_SERVER_CHECKS: readonly Check[] = [];
