import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import {
  changeAfter,
  departures,
  lostIn,
  outcomeOf,
  parseLoad,
  parseTables,
  type Request,
} from './reliability/observed.js';

const ENTRY = '192.168.45.26:80>192.168.45.13:80';

async function loaded(t: ExecutionContext, server: Server): Promise<Request[]> {
  const port = await listening(server);
  t.teardown(() => server.close());
  return await loadedAt(port);
}

async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** What lab/guest/load.pl says within a second and a half: ten requests a second, half a second's patience. */
async function loadedAt(port: number): Promise<Request[]> {
  const child = spawn('perl', ['lab/guest/load.pl', '10', '127.0.0.1', String(port), '0.5']);
  let text = '';
  child.stdout.on('data', (part: Buffer) => (text += part.toString()));
  await sleep(1500);
  child.kill();
  await once(child, 'close');
  return parseLoad(text);
}

test('the load tells who answered, and goes on asking whoever hangs', async t => {
  const server = createServer(socket => {
    socket.on('error', () => undefined);
    socket.on('data', () => socket.write('web1 question\n'));
  });
  const mute = createServer(socket => void socket.on('error', () => undefined));
  const [answered, silent] = await Promise.all([loaded(t, server), loaded(t, mute)]);
  t.true(answered.length >= 5, JSON.stringify(answered));
  t.true(answered.every(({ end }) => 'by' in end && end.by === 'web1'));
  t.true(silent.length >= 5, JSON.stringify(silent));
  t.true(silent.every(({ end, took }) => 'lost' in end && end.lost === 'silent' && took >= 0.5));
  // Each was sent when it was due.
  t.true(silent[3]!.sent - silent[0]!.sent < 1, JSON.stringify(silent));
});

test('the load tells refusals from connections that end without an answer', async t => {
  const server = createServer();
  const port = await listening(server);
  await once(server.close(), 'close');
  const resetting = createServer(socket => void socket.resetAndDestroy());
  const [reset, refused] = await Promise.all([loaded(t, resetting), loadedAt(port)]);
  t.true(reset.length >= 5 && reset.every(({ end }) => 'lost' in end && end.lost === 'reset'));
  t.true(refused.length >= 5 && refused.every(({ end }) => 'lost' in end && end.lost === 'refused'));
});

test('what clients saw is counted by when they asked', t => {
  const requests = parseLoad(
    ['9.900 0.010 web1', '10.000 0.010 web1', '10.100 0.000 -refused', '10.200 3.000 -silent'].join('\n') +
      '\n10.300 1.500 web2\n10.400 0.100 -reset\n11.000 0.100 web2\n12.000 0.1',
  );
  t.is(requests.length, 7);
  const outcome = outcomeOf(requests, 10, 11);
  t.is(outcome.requests, 5);
  t.deepEqual(outcome.lost, { refused: 1, reset: 1, silent: 1 });
  t.is(lostIn(outcome), 3);
  t.is(outcome.slow, 1);
  t.is(outcome.span.toFixed(3), '0.300');
  t.is(outcome.gap.toFixed(3), '1.790');
  t.is(lostIn(outcomeOf(requests, 11, 12)), 0);
});

test('when a server leaves the table and returns, from what table.pl prints', t => {
  const other = 'C0A82D1A:0050>C0A82D2B:0050=1';
  const there = 'C0A82D1A:0050>C0A82D0D:0050';
  const states = parseTables(
    [
      `1.000 ${there}=1 ${other}`,
      `2.000 ${there}=0 ${other}`,
      `3.000 ${there}=1 ${other}`,
      `4.500 ${other}`,
      '',
    ].join('\n'),
  );
  t.is(states[0]!.weights.get(ENTRY), 1);
  t.is(changeAfter(states, ENTRY, 'out', 1.25, 9), 0.75);
  t.is(changeAfter(states, ENTRY, 'in', 2.5, 9), 0.5);
  t.is(changeAfter(states, ENTRY, 'out', 2.5, 9), 0, 'it was out');
  t.is(changeAfter(states, ENTRY, 'out', 3.5, 4), undefined);
  t.is(departures(states, ENTRY, 1.5, 9), 2);
  t.is(departures(states, ENTRY, 2.5, 9), 1);
});
