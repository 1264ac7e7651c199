import test from 'ava';
import { monitor } from './monitor.js';
import { web } from './servers.js';

const http = (port: string, ...more: string[]) =>
  monitor(['--type', 'http', '--timeout', '10', '--port', port, ...more, '127.0.0.1']);

test('an answer that holds the expected text is alive, another is dead', async t => {
  const { port } = await web(t, (_, response) => response.end('all systems ok'));
  t.is((await http(port, '--expect', 'systems ok')).code, 0);
  const { code, details } = await http(port, '--expect', 'Systems ok');
  t.is(code, 1);
  t.is(details, '127.0.0.1: http: the answer does not hold the expected text\n');
});

test('the expected text is looked for in the body, not in the header', async t => {
  const { port } = await web(t, (_, response) => response.writeHead(200, { 'x-state': 'ready' }).end('no'));
  t.is((await http(port, '--expect', 'ready')).code, 1);
});

test('the expected text is no pattern', async t => {
  const { port } = await web(t, (_, response) => response.end('state: up (1.5)'));
  t.is((await http(port, '--expect', 'up (1.5)')).code, 0);
  t.is((await http(port, '--expect', 'up .1.5.')).code, 1);
});

test('a text that runs over two chunks is found', async t => {
  const { port } = await web(t, (_, response) => {
    response.write('all sys');
    setTimeout(() => response.end('tems ok'), 50);
  });
  t.is((await http(port, '--expect', 'systems')).code, 0);
});

test('text other than ASCII is compared byte by byte', async t => {
  const { port } = await web(t, (_, response) => response.end('läuft ✓'));
  t.is((await http(port, '--expect', 'läuft ✓')).code, 0);
});

test('an endless answer is alive after its first MiB, and text behind that is not seen', async t => {
  const block = Buffer.alloc(65536, 'x');
  const { port } = await web(t, (_, response) => {
    response.write('early');
    const more = () => {
      while (!response.destroyed && response.write(block));
    };
    response.on('drain', more);
    more();
  });
  t.is((await http(port, '--expect', 'early')).code, 0);
  t.is((await http(port, '--expect', 'late')).code, 1);
  t.is((await http(port)).code, 0);
});

test('an answer without a body is alive where no text is expected', async t => {
  const { port } = await web(t, (_, response) => response.writeHead(204).end());
  t.is((await http(port)).code, 0);
  t.is((await http(port, '--expect', 'x')).code, 1);
});
