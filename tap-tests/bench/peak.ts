// Loaded into a measured program: at its end it writes down what the kernel knows of it. GNU time is not everywhere,
// and what a parent is told of its child counts the parent's own memory at the fork, too.

import { readFileSync, writeFileSync } from 'node:fs';

const file = process.env['LVSCTL_PEAK_FILE'];
if (file) process.on('exit', () => writeFileSync(file, readFileSync('/proc/self/status')));
