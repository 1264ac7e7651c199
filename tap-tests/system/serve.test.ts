import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { createNet } from '../../src/system/net.js';
import type { Place, Serving } from '../../src/system/ports.js';

const net = createNet();

interface Server {
  /** As it is told. */
  readonly place: string;
  readonly port: number;
  readonly peers: string[];
  readonly troubles: unknown[];
  /** Ends it, and waits. */
  readonly end: () => Promise<void>;
}

async function serverAt(t: ExecutionContext, place: Place, answer?: Serving['answer']): Promise<Server> {
  const stop = new AbortController();
  const peers: string[] = [];
  const troubles: unknown[] = [];
  let serving: Promise<void> | undefined;
  const places = await new Promise<readonly string[]>((resolve, reject) => {
    serving = net.serve({
      places: [place],
      listening: resolve,
      answer: peer => {
        peers.push(peer);
        return answer ? answer(peer) : Promise.resolve('load average: 1.00, 1.00, 1.00\n');
      },
      trouble: error => void troubles.push(error),
      signal: stop.signal,
    });
    serving.catch(reject);
  });
  const end = async (): Promise<void> => {
    stop.abort();
    await serving;
  };
  t.teardown(end);
  return { place: places[0]!, port: Number(/:(\d+)$/.exec(places[0]!)![1]), peers, troubles, end };
}

test('where it listens is told as it is asked for, all addresses as *', async t => {
  t.regex((await serverAt(t, { port: 0 })).place, /^\*:[1-9]\d*$/);
  t.regex((await serverAt(t, { address: '127.0.0.1', port: 0 })).place, /^127\.0\.0\.1:[1-9]\d*$/);
  t.regex((await serverAt(t, { address: '::1', port: 0 })).place, /^\[::1\]:[1-9]\d*$/);
});

const hear = (address: string, port: number): ReturnType<typeof net.hear> =>
  net.hear({ address, port }, { timeout: 20_000, most: 1024 });
const SAID = { text: 'load average: 1.00, 1.00, 1.00\n' };

/** A client that does what it likes; what comes is counted. */
async function client(t: ExecutionContext, port: number): Promise<Socket> {
  const socket = createConnection({ port, host: '127.0.0.1', allowHalfOpen: true });
  t.teardown(() => socket.destroy());
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

test('whoever connects is answered, over IPv4 and IPv6, and known by his address', async t => {
  const server = await serverAt(t, { port: 0 });
  t.deepEqual(await hear('127.0.0.1', server.port), SAID);
  t.deepEqual(await hear('::1', server.port), SAID);
  t.deepEqual(server.peers, ['127.0.0.1', '::1']);
});

test('an address of its own is the only one it listens on', async t => {
  const { port } = await serverAt(t, { address: '127.0.0.1', port: 0 });
  t.deepEqual(await hear('127.0.0.1', port), SAID);
  t.deepEqual(await hear('127.0.0.2', port), { silent: 'ECONNREFUSED' });
  t.deepEqual(await hear('::1', port), { silent: 'ECONNREFUSED' });
});

test('who is not to be answered hears nothing, and is let go at once', async t => {
  const { port } = await serverAt(t, { address: '127.0.0.1', port: 0 }, () => Promise.resolve(undefined));
  const said = await hear('127.0.0.1', port);
  t.true('silent' in said && said.silent !== 'timeout', JSON.stringify(said));
});

test('an answer that fails is trouble, and the next one is given', async t => {
  let asked = 0;
  const { port, troubles } = await serverAt(t, { address: '127.0.0.1', port: 0 }, () =>
    ++asked === 1 ? Promise.reject(new Error('no more files')) : Promise.resolve('yes\n'),
  );
  t.false('text' in (await hear('127.0.0.1', port)));
  t.deepEqual(await hear('127.0.0.1', port), { text: 'yes\n' });
  t.deepEqual(troubles.map(String), ['Error: no more files']);
});

test('a client that never ends its side is let go', async t => {
  const { port } = await serverAt(t, { address: '127.0.0.1', port: 0 });
  const socket = await client(t, port);
  // Half open: it has read the end, and says nothing of its own end.
  socket.resume();
  await once(socket, 'end');
  // What nobody takes any more is refused by the kernel.
  for (let tries = 0; !socket.closed && tries < 600; tries++) {
    socket.write('still here\n');
    await sleep(50);
  }
  t.true(socket.closed);
});

test('a client that has ended its side before it listens hears all of the answer', async t => {
  const { port } = await serverAt(t, { address: '127.0.0.1', port: 0 });
  const socket = await client(t, port);
  socket.end('GET / HTTP/1.0\r\n\r\n');
  let said = '';
  for await (const piece of socket) said += String(piece);
  t.is(said, SAID.text);
});

test('silent clients and such that never read keep nobody from an answer', async t => {
  const server = await serverAt(t, { address: '127.0.0.1', port: 0 });
  const idle = await Promise.all(Array.from({ length: 40 }, () => client(t, server.port)));
  for (const socket of idle) socket.pause();
  t.deepEqual(await hear('127.0.0.1', server.port), SAID);
  t.is(server.peers.length, 41);
});

test('who sends without end is not listened to, and let go', async t => {
  const { port } = await serverAt(t, { address: '127.0.0.1', port: 0 });
  const socket = await client(t, port);
  let sent = 0;
  while (!socket.closed) {
    if (socket.writableLength < 1_000_000) sent += socket.write('x'.repeat(65_536)) ? 65_536 : 0;
    await sleep(5);
  }
  t.true(sent < 100_000_000, `${sent}`);
  t.deepEqual(await hear('127.0.0.1', port), SAID);
});

test('of a crowd some are sent away, and afterwards all is as before', async t => {
  const gate = new AbortController();
  const open = once(gate.signal, 'abort');
  const server = await serverAt(t, { address: '127.0.0.1', port: 0 }, async () => {
    await open;
    return SAID.text;
  });
  const crowd = Array.from({ length: 200 }, () => hear('127.0.0.1', server.port));
  // Those that are too many are sent away while the others still wait.
  const first = await Promise.race(crowd);
  t.true('silent' in first);
  t.true(server.peers.length <= 64, `${server.peers.length}`);
  gate.abort();
  const answered = (await Promise.all(crowd)).filter(said => 'text' in said).length;
  t.true(answered > 0 && answered <= 200, `${answered}`);
  t.deepEqual(await hear('127.0.0.1', server.port), SAID);
});

test('where something listens already, that is an error, and nothing else is left open', async t => {
  const first = await serverAt(t, { address: '127.0.0.1', port: 0 });
  const error = await t.throwsAsync<NodeJS.ErrnoException & { place?: string }>(
    serverAt(t, { address: '127.0.0.1', port: first.port }),
  );
  t.deepEqual([error.code, error.place], ['EADDRINUSE', `127.0.0.1:${first.port}`]);
});

test('told to stop, it lets everybody go and no longer listens', async t => {
  const server = await serverAt(t, { address: '127.0.0.1', port: 0 }, () => new Promise(() => {}));
  const socket = await client(t, server.port);
  socket.resume();
  await server.end();
  await once(socket, 'end');
  t.deepEqual(await hear('127.0.0.1', server.port), { silent: 'ECONNREFUSED' });
});
