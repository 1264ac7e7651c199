import type { Check } from '../check.js';
import { contrary } from './contrary.js';
import { misspelt } from './misspelt.js';
import { unread } from './unread.js';

/** What is looked at in the files of sysctl.d(5), on either kind of host. */
export const SYSCTL_CHECKS: readonly Check[] = [misspelt, unread, contrary];
