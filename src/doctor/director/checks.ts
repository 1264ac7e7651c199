import type { Check } from '../check.js';
import { modules } from './modules.js';
import { settings } from './settings.js';

/** What is looked at on a director. */
export const DIRECTOR_CHECKS: readonly Check[] = [modules, settings];
