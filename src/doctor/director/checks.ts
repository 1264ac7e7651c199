import type { Check } from '../check.js';
import { agents } from './agents.js';
import { beside } from './beside.js';
import { clock } from './clock.js';
import { conntrack } from './conntrack.js';
import { daemons } from './daemons.js';
import { description } from './description.js';
import { files } from './files.js';
import { firewall } from './firewall.js';
import { interfaces } from './interfaces.js';
import { marks } from './marks.js';
import { modules } from './modules.js';
import { routes } from './routes.js';
import { settings } from './settings.js';
import { state } from './state.js';
import { sync } from './sync.js';
import { table } from './table.js';
import { timer } from './timer.js';
import { units } from './units.js';
import { vips } from './vips.js';

/** What is looked at on a director. */
export const DIRECTOR_CHECKS: readonly Check[] = [
  modules,
  settings,
  interfaces,
  vips,
  marks,
  table,
  routes,
  sync,
  daemons,
  agents,
  firewall,
  conntrack,
  files,
  description,
  units,
  beside,
  state,
  timer,
  clock,
];
