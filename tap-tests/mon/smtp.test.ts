import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { monitor } from './monitor.js';
import { listen, loopbacks, tcp } from './servers.js';

const within = (timeout: string, port: string, address = '127.0.0.1') =>
  monitor(['--type', 'smtp', '--timeout', timeout, '--port', port, address]);
const smtp = (port: string, address?: string) => within('10', port, address);
const shortly = (port: string) => within('0.6', port);

/** A mail server with the given greeting and answer to HELO; the commands that came are kept. */
async function mail(t: ExecutionContext, greeting: string, helo: string, address?: string) {
  const commands: string[] = [];
  const answer = (line: string, socket: { write(text: string): unknown }) => {
    commands.push(line);
    socket.write(line.startsWith('HELO ') ? helo : '221 bye\r\n');
  };
  return { commands, port: await tcp(t, greeting, answer, address) };
}

for (const address of loopbacks) {
  test(`a mail server on ${address} that greets and takes HELO is alive`, async t => {
    const { port } = await mail(t, '220 mx ESMTP\r\n', '250 hello\r\n', address);
    t.is((await smtp(port, address)).code, 0);
  });
}

test('the mail server is asked HELO with one word, then QUIT', async t => {
  const { port, commands } = await mail(t, '220 mx\r\n', '250 hello\r\n');
  await smtp(port);
  await sleep(50);
  t.regex(commands[0] ?? '', /^HELO \S+$/);
  t.deepEqual(commands.slice(1), ['QUIT']);
});

test('a greeting and an answer of several lines are read to their ends', async t => {
  const { port } = await mail(t, '220-mx\r\n220-no spam\r\n220 go\r\n', '250-mx\r\n250 go\r\n');
  t.is((await smtp(port)).code, 0);
});

test('a greeting of 554 is dead, and its text is told', async t => {
  const { port } = await mail(t, '554 no service here\r\n', '250 hello\r\n');
  const { code, details } = await smtp(port);
  t.is(code, 1);
  t.is(details, '127.0.0.1: smtp: banner: 554 no service here\n');
});

test('a refused HELO is dead', async t => {
  const { port } = await mail(t, '220 mx\r\n', '421 too busy\r\n');
  const { code, details } = await smtp(port);
  t.is(code, 1);
  t.regex(details, /HELO \S+: 421 too busy/);
});

test('a mail server that says nothing, or half a line, is dead after the time-out', async t => {
  for (const greeting of ['', '220 mx']) {
    const { code, details } = await shortly(await tcp(t, greeting));
    t.is(code, 1);
    t.is(details, '127.0.0.1: smtp: no answer within 0.6 s\n');
  }
});

test('a greeting that drips is dead once the time-out for the whole is over', async t => {
  const server = createServer(socket => {
    const drip = setInterval(() => socket.write('220-more to come\r\n'), 50);
    socket.on('close', () => clearInterval(drip));
  });
  const { code, seconds } = await shortly(await listen(t, server));
  t.is(code, 1);
  t.true(seconds >= 0.6 && seconds < 5, `${seconds} s`);
});

test('a connection closed before the greeting is dead at once', async t => {
  const server = createServer(socket => socket.end());
  const { code, details } = await smtp(await listen(t, server));
  t.is(code, 1);
  t.is(details, '127.0.0.1: smtp: banner: the connection was closed\n');
});

test('a server that hangs after HELO is dead after the time-out', async t => {
  const { code, seconds } = await shortly(await tcp(t, '220 mx\r\n'));
  t.is(code, 1);
  t.true(seconds < 5, `${seconds} s`);
});
