import { constants, openSync } from 'node:fs';
import { Socket } from 'node:net';

/**
 * The first bytes of a pipe that has a name. Opening one waits until somebody writes (fifo(7)), in a thread that nothing
 * ends but a kill: so it is opened without that, and waited for as sockets are.
 *
 * @throws AbortError as soon as `signal` is aborted; Node's errors
 */
export async function readPipe(path: string, most: number, signal?: AbortSignal): Promise<Uint8Array> {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const pipe = new Socket({ fd, readable: true, writable: false, ...(signal ? { signal } : {}) });
  return await firstBytes(pipe as AsyncIterable<Buffer>, most);
}

/** What comes, until there is no more, or so many bytes. */
export async function firstBytes(stream: AsyncIterable<Buffer>, most: number): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stream) {
    chunks.push(chunk);
    length += chunk.length;
    if (length >= most) break;
  }
  return Buffer.concat(chunks).subarray(0, most);
}
