import { spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import type { Accompany } from './ports.js';

/** Programs of this machine that stay. */
export const accompany: Accompany = (program, args, heard, ended) => {
  const child = spawn(program, args, {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, LC_ALL: 'C' },
  });
  let isOver = false;
  const over = (reason: string): void => {
    if (!isOver) ended(`${program} ${reason}`);
    isOver = true;
  };
  child.on('error', error => over(`could not be started: ${error.message}`));
  child.on('exit', (code, signal) => over(`ended with ${code ?? signal}`));
  child.stdout.on('data', heard);
  // It has ended: that is told above.
  child.stdin.on('error', () => undefined);
  // Node makes pipes to programs of sockets.
  const sockets = [child.stdin as Socket, child.stdout as Socket];
  child.unref();
  for (const socket of sockets) socket.unref();
  return {
    tell: bytes => void child.stdin.write(bytes),
    await(isAwaited) {
      for (const socket of sockets) {
        if (isAwaited) socket.ref();
        else socket.unref();
      }
    },
  };
};
