import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import type { ExecutionContext } from 'ava';
import { createNet } from '../../src/system/net.js';
import { type Counters, readAnswer } from '../../src/weights/answer.js';

const net = createNet();

export interface Running {
  readonly child: ChildProcess;
  readonly port: number;
  /** What it has said on standard error. */
  readonly said: () => string;
}

/** The program itself, when it listens. */
export async function running(t: ExecutionContext, script: string, stdio: number[] = []): Promise<Running> {
  const child = spawn('bash', ['-c', script], { stdio: ['ignore', 'ignore', 'pipe', ...stdio] });
  t.teardown(() => child.kill('SIGKILL'));
  let said = '';
  const port = await new Promise<number>((resolve, reject) => {
    createInterface(child.stderr!).on('line', line => {
      said += `${line}\n`;
      const found = /^listening on \S*:(\d+) for /.exec(line)?.[1];
      if (found) resolve(Number(found));
    });
    child.on('exit', () => reject(new Error(said)));
  });
  return { child, port, said: () => said };
}

export const hear = (port: number): ReturnType<typeof net.hear> =>
  net.hear({ address: '127.0.0.1', port }, { timeout: 30_000, most: 1024 });

export function counters(said: Awaited<ReturnType<typeof hear>>): Counters | undefined {
  return 'text' in said ? readAnswer(said.text)?.counters : undefined;
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
