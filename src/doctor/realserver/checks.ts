import type { Check } from '../check.js';
import { agent } from './agent.js';
import { boot } from './boot.js';
import { listening } from './listening.js';
import { reversePath } from './reverse-path.js';
import { setUp } from './set-up.js';
import { source } from './source.js';
import { suppression } from './suppression.js';
import { vipPlace } from './vip-place.js';
import { wayBack } from './way-back.js';

/** What is looked at on a real server. */
export const REAL_SERVER_CHECKS: readonly Check[] = [
  setUp,
  suppression,
  vipPlace,
  source,
  reversePath,
  listening,
  wayBack,
  agent,
  boot,
];
