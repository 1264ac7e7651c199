import { once } from 'node:events';
import { createServer } from 'node:net';
import test from 'ava';
import { counters, freePort, hear, running } from '../support/agent-process.js';
import { ROOT } from '../support/context.js';

const AGENT = `'${process.execPath}' '${ROOT}build/src/main.js' uptimesrv --allow 192.0.2.1`;

test('the agent answers, and ends when it is told to', async t => {
  const { child, port, said } = await running(t, `exec ${AGENT} --listen 127.0.0.1:${await freePort()}`);
  const [first, second] = [counters(await hear(port)), counters(await hear(port))];
  t.true(first!.busy > 0 && second!.time >= first!.time && second!.busy >= first!.busy);
  t.is(said(), `listening on 127.0.0.1:${port} for 192.0.2.1\n`);
  child.kill('SIGTERM');
  await once(child, 'exit');
});

test('it takes the socket that systemd has opened, and opens none of its own', async t => {
  const server = createServer().listen(0, '127.0.0.1');
  t.teardown(() => server.close());
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const { fd } = (server as unknown as { _handle: { fd: number } })._handle;
  const script = `exec env LISTEN_FDS=1 sh -c 'export LISTEN_PID=$$; exec "$0" "$@"' ${AGENT} --listen 127.0.0.1:1`;
  const agent = await running(t, script, [fd]);
  t.is(agent.port, port);
  // This process accepts no more: who connects now comes to the agent.
  server.close();
  t.truthy(counters(await hear(port)));
});

test('sockets that were opened for another process are left alone', async t => {
  const port = await freePort();
  const agent = await running(
    t,
    `export LISTEN_FDS=1 LISTEN_PID=1; exec ${AGENT} --listen 127.0.0.1:${port}`,
  );
  t.is(agent.port, port);
});

test('out of descriptors it complains once, lives on, and answers when there are some again', async t => {
  const { child, port, said } = await running(
    t,
    `ulimit -n 40; exec ${AGENT} --listen 127.0.0.1:${await freePort()}`,
  );
  const crowd = await Promise.all(Array.from({ length: 150 }, () => hear(port)));
  t.true(crowd.length === 150);
  t.truthy(counters(await hear(port)));
  t.is(child.exitCode, null);
  t.true(said().split('\n').length <= 4, said());
});
