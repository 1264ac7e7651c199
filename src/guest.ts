import { readFileSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Cluster } from './cluster/cluster.js';
import { carryOut } from './lab/carry-out.js';
import { eventLine } from './lab/events.js';
import type { Order } from './lab/order.js';
import { createClock } from './system/clock.js';
import { accompany } from './system/companion.js';
import { createFiles } from './system/files.js';
import { createNet } from './system/net.js';
import { createRunner } from './system/runner.js';

// The program inside the lab's machine. The job is unpacked around it.
const folder = dirname(fileURLToPath(import.meta.url));
const read = (name: string): unknown => JSON.parse(readFileSync(join(folder, name), 'utf8'));

await carryOut(
  read('order.json') as Order,
  read('cluster.json') as Cluster,
  { runner: createRunner(), files: createFiles(), net: createNet(), clock: createClock(), accompany },
  folder,
  // At once: the machine is turned off as soon as this program has ended.
  event => void writeSync(1, `${eventLine(event)}\n`),
);
