import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { ExecutionContext } from 'ava';
import { reader, readersRoot } from './readers.js';

/** The real mon on a rendered mon.cf, in a folder of its own. */
export interface RunningMon {
  /** What mon says it watches, `GROUP SERVICE` each, sorted. */
  watches(): string[];
  /** What it wrote while it read the file. */
  readonly complaints: string;
  /** What the alert was called with so far, a line a call. */
  alerts(): string[];
}

/**
 * Starts mon on the text of a mon.cf. Its folders are replaced by ours; the alert writes down its arguments.
 * Ends with the test.
 */
export async function startMon(t: ExecutionContext, text: string): Promise<RunningMon> {
  const folder = mkdtempSync(join(tmpdir(), 'mon-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  for (const name of ['alert.d', 'mon.d', 'state', 'log']) mkdirSync(join(folder, name));
  const program = (path: string, content: string): void => {
    writeFileSync(join(folder, path), content);
    chmodSync(join(folder, path), 0o755);
  };
  program(
    'alert.d/lvs.alert',
    `#!/bin/sh\nprintf '%s|' "$@" >> ${folder}/alerts\necho >> ${folder}/alerts\n`,
  );
  program('alert.d/mail.alert', '#!/bin/sh\n');
  for (const name of ['tcp.monitor', 'fping.monitor']) program(`mon.d/${name}`, '#!/bin/sh\nexit 0\n');
  copyFileSync('templates/mon/lvs.monitor', join(folder, 'mon.d/lvs.monitor'));
  copyFileSync(join(readersRoot(), 'etc/mon/auth.cf'), join(folder, 'auth.cf'));
  const moved = text
    .replaceAll(/^(alertdir +=).*/gm, `$1 ${folder}/alert.d`)
    .replaceAll(/^(mondir +=).*/gm, `$1 ${folder}/mon.d`)
    .replaceAll(/^(logdir +=).*/gm, `$1 ${folder}/log`)
    .replaceAll(/^(statedir +=).*/gm, `$1 ${folder}/state`)
    .replaceAll(/^(authfile +=).*/gm, `$1 ${folder}/auth.cf`);
  writeFileSync(join(folder, 'mon.cf'), moved);
  const port = String(await freePort());
  const pidFile = join(folder, 'mon.pid');
  const words = ['-f', '-c', join(folder, 'mon.cf'), '-P', pidFile, '-b', folder, '-p', port, '-t', port];
  const started = spawnSync(reader('mon'), words, { encoding: 'utf8' });
  if (started.status !== 0) throw new Error(`mon: ${started.status}: ${started.stderr}`);
  const ask = (...request: string[]) =>
    spawnSync(reader('moncmd'), ['-s', '127.0.0.1', '-p', port, ...request], { encoding: 'utf8' });
  for (let tries = 0; ask('list', 'watch').status !== 0; tries++) {
    if (tries > 50) throw new Error('mon does not answer');
    await setTimeout(200);
  }
  t.teardown(() => void process.kill(Number(readFileSync(pidFile, 'utf8'))));
  return {
    complaints: started.stderr,
    watches: () =>
      ask('list', 'watch')
        .stdout.split('\n')
        .filter(line => line !== '' && !line.startsWith('220 '))
        .toSorted(),
    alerts: () => {
      const { stdout } = spawnSync('cat', [join(folder, 'alerts')], { encoding: 'utf8' });
      return stdout.split('\n').filter(line => line !== '');
    },
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
