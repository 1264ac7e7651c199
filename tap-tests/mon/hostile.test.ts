import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { monitor } from './monitor.js';
import { web } from './servers.js';

function canary(t: ExecutionContext) {
  const folder = mkdtempSync(join(tmpdir(), 'lvs-monitor-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  return { folder, file: join(folder, 'canary') };
}

function hostileTexts(file: string): string[] {
  return [
    `$(touch ${file})`,
    `\`touch ${file}\``,
    `; touch ${file} #`,
    `| touch ${file}`,
    `' ; touch ${file} ; '`,
    `" ; touch ${file} ; "`,
    `-o${file}`,
    `--output=${file}`,
    `@${file}`,
    `-K${file}`,
    '--',
    '{a,b}[1-3]',
    '%00%0d%0aX-Injected: 1',
    '\\"\\\'',
    '//evil.example/',
    '@evil.example/',
    '?a=b&c=$HOME#frag ment',
    '/../../etc/passwd',
  ];
}

test('a hostile path arrives as one path of one request, and runs and writes nothing', async t => {
  const { folder, file } = canary(t);
  const { port, requests } = await web(t, (_, response) => response.end('ok'));
  const texts = hostileTexts(file);
  for (const text of texts) {
    const words = ['--type', 'http', '--port', port, '--path', text, '--expect', 'ok', '127.0.0.1'];
    const { code, details } = await monitor(words);
    t.is(code, 0, `${text}: ${details}`);
  }
  t.is(requests.length, texts.length);
  for (const [index, { url, headers }] of requests.entries()) {
    const text = texts[index] ?? '';
    const wanted = text.startsWith('/') ? text : `/${text}`;
    // An escape given by the operator stays as it is: the rest must come back as it was.
    if (text.includes('%')) t.is(url, '/%00%0d%0aX-Injected:%201');
    else t.is(decodeURIComponent(url ?? ''), wanted);
    t.is(headers['x-injected'], undefined);
    t.is(headers.host, `127.0.0.1:${port}`);
  }
  t.deepEqual(readdirSync(folder), []);
});

test('a hostile host arrives as the Host header of one request, and runs and writes nothing', async t => {
  const { folder, file } = canary(t);
  const { port, requests } = await web(t, (_, response) => response.end('ok'));
  const texts = hostileTexts(file);
  for (const text of texts) {
    const words = ['--type', 'http', '--port', port, '--host', text, '127.0.0.1'];
    t.is((await monitor(words)).code, 0, text);
  }
  t.deepEqual(
    requests.map(({ headers }) => headers.host),
    texts,
  );
  t.deepEqual(readdirSync(folder), []);
});

test('a hostile expected text is compared, and runs and writes nothing', async t => {
  const { folder, file } = canary(t);
  for (const text of hostileTexts(file)) {
    const { port } = await web(t, (_, response) => response.end(`<${text}>`));
    const words = ['--type', 'http', '--port', port, '--expect', text, '127.0.0.1'];
    t.is((await monitor(words)).code, 0, text);
  }
  t.deepEqual(readdirSync(folder), []);
});

test('a line break in the host is refused, as it would make a header of its own', async t => {
  const words = ['--type', 'http', '--port', '80', '--host', 'a\r\nX-Injected: 1', '127.0.0.1'];
  const { code, details } = await monitor(words);
  t.is(code, 2);
  t.regex(details, /--host holds a control character/);
});

test('the words of a script reach it untouched by any shell', async t => {
  const { folder, file } = canary(t);
  const program = join(folder, 'program');
  const said = join(folder, 'said');
  writeFileSync(program, `#!/bin/sh\nprintf '%s\\n' "$@" >${said}\nexit 3\n`, { mode: 0o755 });
  const texts = hostileTexts(file);
  const { details } = await monitor(['--type', 'script', '--address', '::1', '--', program, ...texts]);
  t.is(details, '::1: script: exit 3\n');
  t.is(readFileSync(said, 'utf8'), `${texts.join('\n')}\n`);
  t.deepEqual(readdirSync(folder).toSorted(), ['program', 'said']);
});

test('what a server writes stays on its line and holds no escape sequence', async t => {
  const words = [
    '--type',
    'script',
    '--address',
    '::1',
    '--',
    '/bin/sh',
    '-c',
    'printf "a\\nb\\033[31mc"; exit 1',
  ];
  const { hosts, details } = await monitor(words);
  t.deepEqual(hosts, ['::1']);
  t.is(details, '::1: script: exit 1 a b [31mc\n');
});
