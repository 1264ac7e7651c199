import { CHANGE } from './verbs/change.js';
import { DESCRIBE } from './verbs/describe.js';
import { DIRECTOR } from './verbs/director.js';
import { EDIT } from './verbs/edit.js';
import { LOOK } from './verbs/look.js';
import { OPERATE } from './verbs/operate.js';
import { OTHER } from './verbs/other.js';
import { REAL_SERVER } from './verbs/realserver.js';
import type { Verb } from './verbs/verb.js';

/** Every verb, as help shows them: help, completion, the manual's test and the dispatch are made from this table. */
export const VERBS: readonly Verb[] = [
  ...DESCRIBE,
  ...CHANGE,
  ...OPERATE,
  ...EDIT,
  ...LOOK,
  ...DIRECTOR,
  ...REAL_SERVER,
  ...OTHER,
];
