import { createSocket, type RemoteInfo } from 'node:dgram';
import { once } from 'node:events';
import test, { type ExecutionContext } from 'ava';
import type { Protocol, Service, Virtual } from '../../src/cluster/service.js';
import { isDnsAnswer, probeOf } from '../../src/director/poll/probe.js';
import { createNet } from '../../src/system/net.js';
import { marked, server, service } from '../support/clusters.js';

const CHECK = { type: 'dns', interval: 1000, timeout: 1000, retries: 0, host: 'www.example.org.' } as const;
const TIMEOUT = 10_000;
const SHORT = 300;

type Reply = (question: Buffer, say: (answer: Buffer) => void) => void;

/** Asks a server that replies so. @returns the milliseconds, or undefined, and what it was asked */
async function asked(t: ExecutionContext, reply: Reply, timeout = TIMEOUT, address = '127.0.0.1') {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
  const questions: Buffer[] = [];
  socket.on('message', (question: Buffer, from: RemoteInfo) => {
    questions.push(question);
    reply(question, answer => socket.send(answer, from.port, from.address));
  });
  socket.bind(0, address);
  await once(socket, 'listening');
  t.teardown(() => socket.close());
  const probe = dnsProbe(address, socket.address().port);
  const took = await createNet().ask(probe.endpoint, probe.question, {
    timeout,
    isAnswer: said => isDnsAnswer(probe.question, said),
  });
  return { took, questions };
}

function dnsProbe(address: string, port: number) {
  const probe = probeOf(over('udp', { check: CHECK }), server(address, { port }));
  if (probe?.way !== 'question') throw new Error('no question');
  return probe;
}

function over(protocol: Protocol, changes: Partial<Service> = {}): Service {
  const virtual: Virtual = { kind: 'address', address: '192.0.2.1', port: 53, protocol };
  return { ...service('192.0.2.1:53', []), virtual, ...changes };
}

/** The question sent back as an answer with this code. */
function answer(question: Buffer, code = 0): Buffer {
  const said = Buffer.from(question);
  said[2] = 0x81;
  said[3] = 0x80 | code;
  return said;
}

for (const address of ['127.0.0.1', '::1']) {
  test(`an answer of the DNS is timed at ${address}, and the question is for the check's name`, async t => {
    const { took, questions } = await asked(t, (question, say) => say(answer(question)), TIMEOUT, address);
    t.true(took !== undefined && took > 0 && took < TIMEOUT);
    t.is(questions.length, 1);
    t.is(
      questions[0]!.subarray(2).toString('latin1'),
      '\x01\0\0\x01\0\0\0\0\0\0\x03www\x07example\x03org\0\0\x01\0\x01',
    );
  });
}
test('an error is no answer: it would come fastest of all', async t => {
  for (const code of [1, 2, 3, 5]) {
    const { took } = await asked(t, (question, say) => say(answer(question, code)), SHORT);
    t.is(took, undefined);
  }
});
test('what else comes is passed over: another number, a question, too little', async t => {
  const { took } = await asked(t, (question, say) => {
    const other = answer(question);
    other[0] = question[0]! ^ 0xff;
    for (const said of [other, question, answer(question).subarray(0, 11), Buffer.alloc(0)]) say(said);
    setTimeout(() => say(answer(question)), 50);
  });
  t.true(took! >= 49, `${took}`);
});
test('who says nothing is waited for as long as allowed; a closed port not at all', async t => {
  const begin = performance.now();
  t.is((await asked(t, () => {}, SHORT)).took, undefined);
  t.true(performance.now() - begin >= SHORT - 1);
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  await once(socket, 'close');
  const { endpoint, question } = dnsProbe('127.0.0.1', port);
  t.is(await createNet().ask(endpoint, question, { timeout: TIMEOUT, isAnswer: () => true }), undefined);
});

test('TCP has its handshake, UDP only what its check knows to ask, SCTP nothing', t => {
  const probed = (one: Service, port = 8053): string | undefined => {
    const probe = probeOf(one, server('192.0.2.11', { port }));
    return probe && `${probe.way} ${probe.endpoint.address} ${probe.endpoint.port}`;
  };
  t.is(probed(over('tcp', { check: CHECK })), 'connection 192.0.2.11 8053');
  t.is(probed(over('udp', { check: CHECK })), 'question 192.0.2.11 8053');
  t.is(probed(over('udp')), undefined);
  t.is(probed(over('sctp')), undefined);
  // Servers behind a mark have the port that is marked; of every port none is known, but for the check's.
  t.is(probed(marked(7, '192.0.2.1', []), 0), 'connection 192.0.2.11 80');
  const every = { ...over('tcp'), virtual: { ...over('tcp').virtual, port: 0 } as Virtual };
  t.is(probed(every, 0), undefined);
  t.is(probed({ ...every, check: { ...every.check, port: 81 } }, 0), 'connection 192.0.2.11 81');
});
