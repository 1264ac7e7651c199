import type { Check } from './check.js';
import { DIRECTOR_CHECKS } from './director/checks.js';
import { REAL_SERVER_CHECKS } from './realserver/checks.js';
import { SYSCTL_CHECKS } from './sysctl/checks.js';
import { WIRE_CHECKS } from './wire/checks.js';

/** Everything that is looked at, in the report's order. */
export const CHECKS: readonly Check[] = [
  ...DIRECTOR_CHECKS,
  ...REAL_SERVER_CHECKS,
  ...SYSCTL_CHECKS,
  ...WIRE_CHECKS,
];
