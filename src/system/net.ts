import { createSocket } from 'node:dgram';
import { createConnection, isIPv6 } from 'node:net';
import { hostname, networkInterfaces } from 'node:os';
import type { Endpoint, Net, Said } from './ports.js';
import { serve } from './serve.js';

export function createNet(): Net {
  return {
    hostName: hostname,
    addresses: () =>
      Object.values(networkInterfaces()).flatMap(list => (list ?? []).map(one => one.address.split('%')[0]!)),
    hear,
    connect,
    ask,
    serve,
  };
}

function hear(
  { address, port }: Endpoint,
  { timeout, most }: { readonly timeout: number; readonly most: number },
): Promise<Said> {
  return new Promise(resolve => {
    const pieces: Buffer[] = [];
    let length = 0;
    const socket = createConnection({ host: address, port });
    const end = (broken?: string): void => {
      clearTimeout(timer);
      socket.destroy();
      const text = new TextDecoder().decode(Buffer.concat(pieces).subarray(0, most));
      if (text === '') resolve({ silent: broken ?? 'nothing' });
      else resolve(broken === undefined ? { text } : { text, broken });
    };
    // Not the socket's own, which begins anew with each byte.
    const timer = setTimeout(() => end('timeout'), timeout);
    socket.on('data', piece => {
      pieces.push(piece);
      length += piece.length;
      if (length >= most) end();
    });
    socket.on('end', () => end());
    socket.on('error', (error: NodeJS.ErrnoException) => end(error.code ?? error.message));
  });
}

function connect({ address, port }: Endpoint, timeout: number): Promise<number | undefined> {
  return new Promise(resolve => {
    const start = performance.now();
    const socket = createConnection({ host: address, port });
    const end = (took: number | undefined): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(took);
    };
    const timer = setTimeout(() => end(undefined), timeout);
    socket.on('connect', () => end(performance.now() - start));
    socket.on('error', () => end(undefined));
  });
}

function ask(
  { address, port }: Endpoint,
  question: Uint8Array,
  { timeout, isAnswer }: { readonly timeout: number; readonly isAnswer: (said: Uint8Array) => boolean },
): Promise<number | undefined> {
  return new Promise(resolve => {
    const start = performance.now();
    const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
    const end = (took: number | undefined): void => {
      clearTimeout(timer);
      resolve(took);
      socket.close();
    };
    const timer = setTimeout(() => end(undefined), timeout);
    socket.on('error', () => end(undefined));
    socket.on('message', said => {
      if (isAnswer(said)) end(performance.now() - start);
    });
    // Connected: datagrams of others do not come in, and a port that is closed is an error.
    socket.connect(port, address, () => socket.send(question));
  });
}
