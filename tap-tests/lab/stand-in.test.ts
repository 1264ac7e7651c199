import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { hostname } from 'node:os';
import { promisify } from 'node:util';
import test, { type ExecutionContext } from 'ava';

const run = promisify(execFile);
const HOST = hostname();

/** Ports that nobody uses now. */
async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map(one => once(one, 'listening')));
  const ports = servers.map(one => (one.address() as AddressInfo).port);
  await Promise.all(servers.map(one => once(one.close(), 'close')));
  return ports;
}

/** The servers run until the test ends. */
async function standIn(t: ExecutionContext, ...words: readonly string[]): Promise<void> {
  const { stdout } = await run('perl', ['lab/guest/stand-in.pl', ...words]);
  t.teardown(() => process.kill(Number(stdout)));
}

async function ask(...words: readonly (string | number)[]): Promise<string> {
  return (await run('perl', ['lab/guest/ask.pl', ...words.map(String)])).stdout.trim();
}

async function monitor(...words: readonly string[]): Promise<string> {
  return (await run('perl', ['templates/mon/lvs.monitor', ...words, '127.0.0.1'])).stdout;
}

test('who is asked says the name of its host, over TCP and UDP', async t => {
  const [tcp, udp, nobody] = await freePorts(3);
  await standIn(t, `tcp:127.0.0.1:${tcp}`, `udp:127.0.0.1:${udp}`);
  t.is(await ask('tcp', '127.0.0.1', tcp!, 2), `${HOST}\n${HOST}`);
  t.is(await ask('udp', '127.0.0.1', udp!, 1), HOST);
  t.is(await ask('tcp', '127.0.0.1', nobody!, 1), '-');
});

test('it listens on an address that the host does not have yet', async t => {
  const [port] = await freePorts(1);
  await t.notThrowsAsync(standIn(t, `tcp:192.0.2.77:${port}`, `udp:192.0.2.77:${port}`));
});

test('the checks of web, mail and name servers are content, and their clients are answered as well', async t => {
  const [web, mail, name] = await freePorts(3);
  const hex = (text: string): string => Buffer.from(text).toString('hex');
  await standIn(
    t,
    `tcp:127.0.0.1:${web}`,
    `http:${web}:203:${hex('/up')}:${hex(`it's "fine"`)}`,
    `smtp:127.0.0.1:${mail}`,
    `dns:127.0.0.1:${name}`,
  );
  const http = ['--type', 'http', '--port', String(web), '--path', '/up'];
  await t.notThrowsAsync(monitor(...http, '--status', '203', '--expect', `it's "fine"`));
  await t.throwsAsync(monitor(...http, '--expect', 'something else'));
  await t.notThrowsAsync(monitor('--type', 'smtp', '--port', String(mail)));
  await t.notThrowsAsync(monitor('--type', 'dns', '--port', String(name), '--name', 'www.example.org'));
  t.is(await ask('tcp', '127.0.0.1', mail!, 1), HOST);
  t.is(await ask('udp', '127.0.0.1', name!, 1), HOST);
});

test('a word that it does not know is refused', async t => {
  await t.throwsAsync(run('perl', ['lab/guest/stand-in.pl', 'tcp:80;reboot']));
});
