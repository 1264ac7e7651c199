import { createServer } from 'node:https';
import test, { type ExecutionContext } from 'ava';
import { cert, key } from './certificate.js';
import { monitor } from './monitor.js';
import { listen, loopbacks, tcp, web } from './servers.js';

interface Seen {
  name: string | false | undefined;
  host: string | undefined;
}

/** A TLS server that keeps the name asked for in TLS and the Host header of each request. */
async function tls(t: ExecutionContext, address = '127.0.0.1') {
  const seen: Seen[] = [];
  const server = createServer({ key, cert }, (request, response) => {
    const { servername } = request.socket as { servername?: string | false };
    seen.push({ name: servername, host: request.headers.host });
    response.end('ok');
  });
  server.on('tlsClientError', () => {});
  return { seen, port: await listen(t, server, address) };
}

for (const address of loopbacks) {
  test(`a TLS server on ${address} is alive though nothing trusts its certificate`, async t => {
    const { port, seen } = await tls(t, address);
    t.is((await monitor(['--type', 'https', '--port', port, '--expect', 'ok', address])).code, 0);
    t.falsy(seen[0]?.name);
  });

  test(`the host reaches ${address} as TLS name and as Host header`, async t => {
    const { port, seen } = await tls(t, address);
    const words = ['--type', 'https', '--port', port, '--host', 'shop.example.org', address];
    t.is((await monitor(words)).code, 0);
    t.deepEqual(seen, [{ name: 'shop.example.org', host: 'shop.example.org' }]);
  });
}

test('a port behind the host stays in the Host header and out of the TLS name', async t => {
  const { port, seen } = await tls(t);
  await monitor(['--type', 'https', '--port', port, '--host', 'shop.example.org:8443', '127.0.0.1']);
  t.deepEqual(seen, [{ name: 'shop.example.org', host: 'shop.example.org:8443' }]);
});

test('a host that is no name goes into the Host header only', async t => {
  const { port, seen } = await tls(t);
  await monitor(['--type', 'https', '--port', port, '--host', '"$(x)"', '127.0.0.1']);
  t.is(seen[0]?.host, '"$(x)"');
  t.falsy(seen[0]?.name);
});

test('a server without TLS behind an https check is dead', async t => {
  const { port } = await web(t, (_, response) => response.end('ok'));
  const { code, details } = await monitor(['--type', 'https', '--port', port, '127.0.0.1']);
  t.is(code, 1);
  t.regex(details, /^127\.0\.0\.1: https: .*(SSL|TLS)/);
});

test('a server that never begins its part of TLS is dead after the time-out', async t => {
  const port = await tcp(t, '');
  const words = ['--type', 'https', '--port', port, '--timeout', '0.4', '127.0.0.1'];
  const { code, seconds } = await monitor(words);
  t.is(code, 1);
  t.true(seconds < 5, `${seconds} s`);
});
