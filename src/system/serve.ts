import { once } from 'node:events';
import { createServer, type ListenOptions, type Server, type Socket } from 'node:net';
import { frugally } from './memory.js';
import type { Place, Serving } from './ports.js';

/** At once; who comes then is sent away. */
const MOST_CLIENTS = 64;
/** Milliseconds that one client has, however slow it is. */
const PATIENCE = 2000;
/** Bytes that a client may say, all of them unread. */
const MOST_SAID = 4096;
/** Clients between two collections of garbage. */
const CLIENTS_OF_GARBAGE = 16;
/** SD_LISTEN_FDS_START. */
const FIRST_HANDED = 3;

export async function serve(serving: Serving): Promise<void> {
  const handed = handedSockets();
  const wanted = handed.length > 0 ? handed : serving.places.map(optionsOf);
  const clients = new Set<Socket>();
  const servers: Server[] = [];
  const collect = frugally();
  let served = 0;
  const attendTo = (socket: Socket): void => {
    socket.on('close', () => ++served % CLIENTS_OF_GARBAGE === 0 && collect());
    void attend(socket, serving, clients);
  };
  try {
    for (const options of wanted) {
      const server = createServer(attendTo);
      server.maxConnections = MOST_CLIENTS;
      servers.push(server);
      await listen(server, options);
      server.on('error', error => serving.trouble(error));
    }
    serving.listening(servers.map(placeOf));
    if (!serving.signal.aborted) await once(serving.signal, 'abort');
  } finally {
    for (const server of servers) server.close();
    for (const client of clients) client.destroy();
  }
}

/** Of a socket to be made, or of one that is there. */
type Wanted = ListenOptions & { readonly fd?: number };

function optionsOf({ address, port }: Place): Wanted {
  return address === undefined ? { port } : { port, host: address, ipv6Only: true };
}

/** What systemd or the like has opened for this very process. */
function handedSockets(): Wanted[] {
  const { LISTEN_PID: pid, LISTEN_FDS: count } = process.env;
  if (pid !== String(process.pid) || !/^[1-9]\d{0,2}$/.test(count ?? '')) return [];
  return Array.from({ length: Number(count) }, (_, index) => ({ fd: FIRST_HANDED + index }));
}

async function listen(server: Server, options: Wanted): Promise<void> {
  try {
    server.listen(options);
    await once(server, 'listening');
  } catch (error) {
    const place =
      options.fd === undefined ? placeText(options.host ?? '*', options.port!) : `socket ${options.fd}`;
    throw Object.assign(error as Error, { place });
  }
}

function placeOf(server: Server): string {
  const found = server.address();
  return found === null || typeof found === 'string' ? String(found) : placeText(found.address, found.port);
}

/** In the form of `--listen`: `*` is all addresses, however the kernel names them. */
function placeText(address: string, port: number): string {
  const isAll = address === '*' || address === '::' || address === '0.0.0.0';
  return `${isAll ? '*' : address.includes(':') ? `[${address}]` : address}:${port}`;
}

async function attend(socket: Socket, serving: Serving, clients: Set<Socket>): Promise<void> {
  clients.add(socket);
  const timer = setTimeout(() => socket.destroy(), PATIENCE);
  socket.on('close', () => {
    clearTimeout(timer);
    clients.delete(socket);
  });
  // It has gone, or was too slow: nobody is left to be told.
  socket.on('error', () => undefined);
  // What it says has to be taken from the kernel: closed with something unread, a connection is reset, answer and all.
  let said = 0;
  socket.on('data', (bytes: Buffer) => {
    said += bytes.length;
    if (said > MOST_SAID) socket.pause();
  });
  const peer = socket.remoteAddress?.replace(/^::ffff:(?=[\d.]+$)/, '').replace(/%.*$/, '');
  let text: string | undefined;
  try {
    text = peer === undefined ? undefined : await serving.answer(peer);
  } catch (error) {
    serving.trouble(error);
  }
  if (text === undefined) socket.destroy();
  else socket.end(text);
}
