import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { createServer as createTcpServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { ExecutionContext } from 'ava';

export const loopbacks = ['127.0.0.1', '::1'];

/** Lets a server listen on a free port for as long as the test runs. */
export async function listen(t: ExecutionContext, server: Server, address = '127.0.0.1'): Promise<string> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
  });
  await once(server.listen(0, address), 'listening');
  t.teardown(async () => {
    for (const socket of sockets) socket.destroy();
    await once(server.close(), 'close');
  });
  return String((server.address() as AddressInfo).port);
}

/** A TCP server that greets with the text, if any, and gives each further line to `answer`. */
export function tcp(
  t: ExecutionContext,
  greeting: string,
  answer: (line: string, socket: Socket) => void = () => {},
  address = '127.0.0.1',
): Promise<string> {
  const server = createTcpServer(socket => {
    if (greeting !== '') socket.write(greeting);
    socket.on('data', data => {
      for (const line of data.toString().split('\r\n').slice(0, -1)) answer(line, socket);
    });
  });
  return listen(t, server, address);
}

/** A web server; the requests that came are kept in the list. */
export async function web(t: ExecutionContext, listener: RequestListener, address = '127.0.0.1') {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    listener(request, response);
  });
  return { requests, port: await listen(t, server, address) };
}

/** A port on which nothing listens. */
export async function closedPort(address = '127.0.0.1'): Promise<string> {
  const server = createTcpServer();
  await once(server.listen(0, address), 'listening');
  const { port } = server.address() as AddressInfo;
  await once(server.close(), 'close');
  return String(port);
}
