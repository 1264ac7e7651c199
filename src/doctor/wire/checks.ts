import type { Check } from '../check.js';
import { arpAnswers, neighbourAnswers } from './answers.js';
import { tunnelMtu } from './tunnel-mtu.js';

/** What is looked at on the wire, from either kind of host. */
export const WIRE_CHECKS: readonly Check[] = [arpAnswers, neighbourAnswers, tunnelMtu];
