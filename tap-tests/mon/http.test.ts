import test from 'ava';
import { monitor } from './monitor.js';
import { closedPort, loopbacks, tcp, web } from './servers.js';

function http(port: string, ...more: string[]) {
  return monitor(['--type', 'http', '--timeout', '10', '--port', port, ...more, '127.0.0.1']);
}

for (const address of loopbacks) {
  test(`an HTTP server that says 200 on ${address} is alive, and the default path is /`, async t => {
    const { port, requests } = await web(t, (_, response) => response.end('ok'), address);
    t.is((await monitor(['--type', 'http', '--port', port, address])).code, 0);
    t.is(requests[0]?.url, '/');
    t.is(requests[0]?.method, 'GET');
  });
}

test('a refused connection is dead, with the reason', async t => {
  const { code, details } = await http(await closedPort());
  t.is(code, 1);
  t.regex(details, /^127\.0\.0\.1: http: Failed to connect/);
});

test('without --status any status from 200 to 399 is alive and others are dead', async t => {
  const { port } = await web(t, ({ url = '' }, response) => {
    response.writeHead(Number(url.slice(1))).end();
  });
  for (const status of ['200', '204', '399'])
    t.is((await http(port, '--path', `/${status}`)).code, 0, status);
  for (const status of ['400', '404', '503']) {
    const { code, details } = await http(port, '--path', `/${status}`);
    t.is(code, 1);
    t.is(details, `127.0.0.1: http: status ${status}, not 200-399\n`);
  }
});

test('--status takes numbers and ranges', async t => {
  const { port } = await web(t, (_, response) => response.writeHead(404).end());
  t.is((await http(port, '--status', '200,404')).code, 0);
  t.is((await http(port, '--status', '200,400-410')).code, 0);
  t.is((await http(port, '--status', '200,204')).code, 1);
});

test('a redirect is an answer, and is not followed', async t => {
  const { port, requests } = await web(t, (_, response) => {
    response.writeHead(302, { location: '/elsewhere' }).end();
  });
  t.is((await http(port)).code, 0);
  t.is((await http(port, '--status', '200')).code, 1);
  t.deepEqual(
    requests.map(({ url }) => url),
    ['/', '/'],
  );
});

test('the Host header is the one given, and the address where none is', async t => {
  const { port, requests } = await web(t, (_, response) => response.end());
  await http(port, '--host', 'www.example.org');
  await http(port, '--host', 'www.example.org:8080');
  await http(port);
  t.deepEqual(
    requests.map(({ headers }) => headers.host),
    ['www.example.org', 'www.example.org:8080', `127.0.0.1:${port}`],
  );
});

test('an informational answer is passed over for the one behind it', async t => {
  const port = await tcp(t, '', (line, socket) => {
    if (line === '') socket.end('HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 200 OK\r\n\r\nfine');
  });
  t.is((await http(port, '--expect', 'fine', '--status', '200')).code, 0);
});

test('a server that accepts and says nothing is dead after the time-out', async t => {
  const port = await tcp(t, '');
  const { code, details, seconds } = await http(port, '--timeout', '0.3');
  t.is(code, 1);
  t.is(details, '127.0.0.1: http: no answer within 0.3 s\n');
  t.true(seconds < 5, `${seconds} s`);
});

test('an answer that drips is dead once the time-out for the whole is over', async t => {
  const { port } = await web(t, (_, response) => {
    const drip = setInterval(() => response.write('.'), 50);
    response.on('close', () => clearInterval(drip));
  });
  const { code, seconds } = await http(port, '--timeout', '0.5');
  t.is(code, 1);
  t.true(seconds >= 0.5 && seconds < 5, `${seconds} s`);
});

test('an answer cut short is dead', async t => {
  const port = await tcp(t, '', (line, socket) => {
    if (line === '') socket.end('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf');
  });
  t.is((await http(port)).code, 1);
});

test('something that is not HTTP is dead', async t => {
  const port = await tcp(t, 'SSH-2.0-OpenSSH_9.2\r\n');
  t.is((await http(port, '--timeout', '0.5')).code, 1);
});

test('a proxy or a .curlrc of the environment changes nothing', async t => {
  const { port } = await web(t, (_, response) => response.end('ok'));
  const proxy = `http://127.0.0.1:${await closedPort()}`;
  const env = { http_proxy: proxy, ALL_PROXY: proxy, CURL_HOME: '/nonexistent' };
  t.is((await monitor(['--type', 'http', '--port', port, '127.0.0.1'], env)).code, 0);
});

test('without curl nothing is called dead: the check could not be made', async t => {
  const words = ['--type', 'http', '--port', '80', '127.0.0.1', '127.0.0.2'];
  const { code, hosts, details } = await monitor(words, { PATH: '/nonexistent' });
  t.is(code, 2);
  t.deepEqual(hosts, ['127.0.0.1', '127.0.0.2']);
  t.regex(details, /^127\.0\.0\.1: http: not checked: curl is not installed/);
});
