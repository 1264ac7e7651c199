import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import test, { type ExecutionContext } from 'ava';
import { monitor } from './monitor.js';
import { closedPort, loopbacks } from './servers.js';

/** A name server that sends what `answers` makes of each question. */
async function names(t: ExecutionContext, answers: (question: Buffer) => Buffer[], address = '127.0.0.1') {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
  const questions: Buffer[] = [];
  socket.on('message', (question, from) => {
    questions.push(question);
    for (const answer of answers(question)) socket.send(answer, from.port, from.address);
  });
  await once(socket.bind(0, address), 'listening');
  t.teardown(() => socket.close());
  return { questions, port: String(socket.address().port) };
}

function answer(question: Buffer, rcode = 0, id = question.readUInt16BE(0)): Buffer {
  const reply = Buffer.from(question);
  reply.writeUInt16BE(id, 0);
  reply.writeUInt16BE(0x8180 | rcode, 2);
  return reply;
}

const dns = (port: string, address = '127.0.0.1', name = 'www.example.org', timeout = '10') =>
  monitor(['--type', 'dns', '--timeout', timeout, '--port', port, '--name', name, address]);
const shortly = (port: string) => dns(port, undefined, undefined, '0.5');

for (const address of loopbacks) {
  test(`a name server on ${address} that answers is alive`, async t => {
    const { port } = await names(t, question => [answer(question)], address);
    t.is((await dns(port, address)).code, 0);
  });
}

test('the question is for the address of the name, with recursion wanted', async t => {
  const { port, questions } = await names(t, question => [answer(question)]);
  await dns(port);
  await dns(port, '127.0.0.1', 'www.example.org.');
  for (const question of questions) {
    t.is(question.subarray(2, 12).toString('hex'), '01000001000000000000');
    t.is(question.subarray(12).toString('latin1'), '\x03www\x07example\x03org\x00\x00\x01\x00\x01');
  }
  t.is(questions.length, 2);
});

test('an answer with another id is not ours: dead after the time-out', async t => {
  const { port } = await names(t, question => [answer(question, 0, question.readUInt16BE(0) ^ 1)]);
  const { code, details, seconds } = await shortly(port);
  t.is(code, 1);
  t.is(details, '127.0.0.1: dns: no answer within 0.5 s\n');
  t.true(seconds < 5, `${seconds} s`);
});

test('the right answer behind a wrong one is alive', async t => {
  const { port } = await names(t, question => [
    answer(question, 0, question.readUInt16BE(0) ^ 1),
    question,
    Buffer.from('x'),
    answer(question),
  ]);
  t.is((await dns(port)).code, 0);
});

test('our own question sent back is no answer', async t => {
  const { port } = await names(t, question => [question]);
  t.is((await shortly(port)).code, 1);
});

test('SERVFAIL, NXDOMAIN and REFUSED are dead', async t => {
  for (const [rcode, word] of [
    [2, 'SERVFAIL'],
    [3, 'NXDOMAIN'],
    [5, 'REFUSED'],
  ] as const) {
    const { port } = await names(t, question => [answer(question, rcode)]);
    const { code, details } = await dns(port);
    t.is(code, 1);
    t.is(details, `127.0.0.1: dns: answered ${word}\n`);
  }
});

test('a port where nothing listens is dead at once', async t => {
  const { code, details, seconds } = await dns(await closedPort());
  t.is(code, 1);
  t.is(details, '127.0.0.1: dns: Connection refused\n');
  t.true(seconds < 5, `${seconds} s`);
});

test('what cannot be a domain name is not asked for', async t => {
  for (const name of ['', '.', 'a..b', `${'a'.repeat(64)}.org`, 'ab.'.repeat(90)]) {
    t.is((await dns('53', '127.0.0.1', name)).code, 2, name);
  }
});
