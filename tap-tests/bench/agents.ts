// Answers at every address of 127.0.0.0/8 as an agent does, but at those of 127.1.0.0/16, where it accepts and says
// nothing. Prints its port, and goes on until its standard input ends.

import { type AddressInfo, createServer } from 'node:net';

const begin = process.hrtime.bigint();

function answer(): string {
  const passed = (process.hrtime.bigint() - begin) / 1000n;
  return ` 14:02:11 up 12 days, load average: 1.42, 1.10, 0.97
lvsctl/1 boot=3f2a t_us=${8_000_000n + passed} cpus=8 busy_us=${4_000_000n + passed} steal_us=0 state=ready
`;
}

const server = createServer({ allowHalfOpen: true }, socket => {
  socket.on('error', () => socket.destroy());
  if (!socket.localAddress!.startsWith('127.1.')) socket.end(answer());
});
server.listen({ host: '0.0.0.0', port: 0, backlog: 2000 }, () => {
  process.stdout.write(`${(server.address() as AddressInfo).port}\n`);
});
process.stdin.on('end', () => process.exit()).resume();
