import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import test, { type ExecutionContext } from 'ava';
import { type Ended, parseEnded } from './weights/load.js';

const run = promisify(execFile);

/** A server of speed 2, and what clients have of it. */
async function worker(t: ExecutionContext): Promise<{
  readonly port: number;
  readonly pid: number;
  readonly read: (name: string) => Promise<string>;
  readonly ask: (requests: string, patience?: number) => Promise<Ended[]>;
}> {
  const folder = await mkdtemp(join(tmpdir(), 'worker-'));
  const listener = createServer().listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address() as AddressInfo;
  await once(listener.close(), 'close');
  const { stdout } = await run('perl', ['lab/guest/worker.pl', '127.0.0.1', `${port}`, '2', folder]);
  const pid = Number(stdout);
  t.teardown(async () => {
    process.kill(pid);
    await rm(folder, { recursive: true });
  });
  const ask = async (requests: string, patience = 30): Promise<Ended[]> => {
    const file = join(folder, 'requests');
    await writeFile(file, requests);
    const words = ['lab/guest/arrivals.pl', file, '127.0.0.1', `${port}`, `${patience}`];
    return parseEnded((await run('perl', words)).stdout);
  };
  return { port, pid, ask, read: async name => readFile(join(folder, name), 'utf8') };
}

test('one request is done after the other, each for its work by the speed', async t => {
  const { ask, read } = await worker(t);
  const ended = await ask('0.000 0.4\n0.001 0.4\n0.002 0.8\n');
  t.deepEqual(
    ended.map(({ by }) => by),
    [hostname(), hostname(), hostname()],
  );
  for (const [index, least] of [0.2, 0.4, 0.8].entries())
    t.true(ended[index]!.took >= least - 0.01, JSON.stringify(ended));
  await sleep(1100);
  const [busy, workers] = (await read('busy')).trim().split(' ').map(Number);
  // The clock of the work is exact, however late a busy machine is.
  t.true(Math.abs(busy! - 800_000) < 5, `${busy}`);
  t.is(workers, 1);
  t.regex(await read('served'), /^3 0 \d+\.\d{3}\n$/);
  t.regex(await read('loadavg'), /^\d+\.\d\d \d+\.\d\d \d+\.\d\d \d+\/99 1\n$/);
});

test('who gave up costs no work, and is told as lost; half the speed takes twice the time', async t => {
  const { ask, read, pid } = await worker(t);
  const ended = await ask('0.000 3\n0.001 3\n', 1);
  t.deepEqual(
    ended.map(({ by }) => by),
    [undefined, undefined],
  );
  await sleep(1600);
  t.regex(await read('served'), /^1 1 /);
  process.kill(pid, 'SIGUSR1');
  const [slow] = await ask('0.000 0.6\n');
  t.true(slow!.took >= 0.59, JSON.stringify(slow));
});

test('who says nothing is lost after the patience of a client', async t => {
  const { ask, pid } = await worker(t);
  process.kill(pid, 'SIGSTOP');
  t.teardown(() => process.kill(pid, 'SIGCONT'));
  const [silent] = await ask('0.000 0.1\n', 0.5);
  t.is(silent!.by, undefined);
  t.true(silent!.took >= 0.5);
});

test('half the speed costs no request, not even of a client that has just come', async t => {
  const { port, pid } = await worker(t);
  const client = connect(port, '127.0.0.1').setEncoding('utf8');
  await once(client, 'connect');
  // The server reads by now.
  await sleep(300);
  process.kill(pid, 'SIGUSR1');
  await sleep(100);
  client.write('0.1\n');
  const [said] = (await once(client, 'data', { signal: AbortSignal.timeout(5000) })) as [string];
  t.is(said, `${hostname()}\n`);
});
