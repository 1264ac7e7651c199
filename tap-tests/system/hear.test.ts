import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { createNet } from '../../src/system/net.js';

const net = createNet();

/** Hears one who treats whoever connects so. */
async function heard(
  t: ExecutionContext,
  treat: (socket: Socket) => void,
  timeout = 20_000,
): ReturnType<typeof net.hear> {
  const server = createServer(socket => {
    socket.on('error', () => undefined);
    treat(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const { port } = server.address() as AddressInfo;
  return await net.hear({ address: '127.0.0.1', port }, { timeout, most: 1024 });
}

test('of a megabyte the first kilobyte is heard', async t => {
  t.deepEqual(await heard(t, socket => void socket.end('x'.repeat(1_000_000))), { text: 'x'.repeat(1024) });
});

test('an answer in pieces is heard whole', async t => {
  const said = await heard(t, socket => {
    socket.write('load ');
    setTimeout(() => socket.end('average: 1.00,\n'), 50);
  });
  t.deepEqual(said, { text: 'load average: 1.00,\n' });
});

test('who says nothing, nothing more, or ends at once is not waited for beyond the time', async t => {
  t.deepEqual(await heard(t, () => {}, 300), { silent: 'timeout' });
  t.deepEqual(await heard(t, socket => void socket.write('load av'), 300), {
    text: 'load av',
    broken: 'timeout',
  });
  t.deepEqual(await heard(t, socket => void socket.end()), { silent: 'nothing' });
});

test('who sends a byte now and then is not waited for longer', async t => {
  const begun = performance.now();
  const said = await heard(
    t,
    socket => {
      const timer = setInterval(() => socket.write('x'), 50);
      socket.on('close', () => clearInterval(timer));
    },
    400,
  );
  t.true(performance.now() - begun < 10_000);
  t.is('text' in said && said.broken, 'timeout');
});
