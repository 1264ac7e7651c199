import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';

export interface Outcome {
  code: number | null;
  /** The hosts of the first line, as mon reads it. */
  hosts: string[];
  details: string;
  seconds: number;
}

const program = resolve('templates/mon/lvs.monitor');

/** Runs lvs.monitor as mon does: no standard input, nothing but what it prints and its exit code. */
export async function monitor(words: string[], env: NodeJS.ProcessEnv = {}): Promise<Outcome> {
  const start = performance.now();
  const child = spawn('/usr/bin/perl', [program, ...words], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
  });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  const [first = '', ...rest] = text.split('\n');
  return {
    code,
    hosts: first.split(' ').filter(word => word !== ''),
    details: rest.join('\n'),
    seconds: (performance.now() - start) / 1000,
  };
}
