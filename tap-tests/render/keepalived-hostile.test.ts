import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { withCheckDefaults } from '../../src/cluster/defaults.js';
import { commandLine, literalPattern } from '../../src/render/keepalived/quote.js';
import { PLACES } from '../../src/render/places.js';
import { expect, holds } from '../support/arbitrary.js';
import { expectedText } from '../support/arbitrary-values.js';
import { cluster, server, service } from '../support/clusters.js';
import { complaints, keepalivedConf } from '../support/keepalived.js';
import { reader } from '../support/readers.js';
import { contentOf, renderDirector } from '../support/rendered.js';

/** What keepalived makes of a word within double quotes (lib/parser.c, alloc_strvec_quoted_escaped). */
function unescaped(word: string): string {
  return word.replace(/\\(.)/gsu, '$1');
}

test('the pattern of an expected text matches just that text', async t => {
  await holds(
    t,
    expectedText,
    text => {
      const word = literalPattern(text);
      const pattern = new RegExp(`^${unescaped(word)}$`, 's');
      expect(pattern.test(text), () => `${text} → ${word}`);
      expect(!pattern.test(`${text}x`) && !pattern.test(text.slice(1)), () => `${text} → ${word}`);
      // What the parts of keepalived's parser look for that know no escapes; and none of its own escapes is meant.
      expect(!/["$]/.test(word) && !/(?<!\\)(\\\\)*\\[^\\]/.test(word), () => `${text} → ${word}`);
    },
    500,
  );
});

test('keepalived reads expected texts and commands that look like its own language', t => {
  const traps = [
    '"',
    '\\',
    '$HOST ${HOST} $_PWD',
    '~SEQ(a, 1, 3)',
    '@host',
    '# ! {',
    '} {',
    "it's",
    'include /x',
    '日本語 €',
    '[a](b)*',
  ];
  const services = traps.map((expect, index) =>
    service(`192.168.45.26:${1 + index}`, ['192.168.45.13'], {
      check: withCheckDefaults({ type: 'http', expect }),
    }),
  );
  const command = ['/bin/true', '~SEQ(a,1,2)', '@x', '#c', '!x', '{', '}', '{x}', '%n', '*', '[a]'];
  const script = service('192.168.45.27:80', ['192.168.45.13'], {
    check: withCheckDefaults({ type: 'script', command }),
  });
  const text = keepalivedConf(cluster({ checker: 'keepalived', services: [...services, script] }));
  t.deepEqual(complaints({ text }), {});
});

test('a command is told the server that it is for, and a value that looks like a placeholder stays a value', t => {
  const one = service('[2001:db8::26]:80', []);
  const words = ['/x', '{address}', '{port}', '{service}', 'a{address}b', '{Address}', '{{port}}'];
  t.is(
    commandLine(words, one, server('2001:db8::13'), 81),
    '/x 2001:db8::13 81 [2001:db8::26]:80/tcp a2001:db8::13b {Address} {81}',
  );
  t.is(commandLine(['/x', '{service}'], { ...one, name: '{port}' }, server('10.0.0.1'), 81), '/x {port}');
});

/** lvs.notify with this command, in a folder that ends with the test. */
function notifier(
  t: ExecutionContext,
  command: readonly string[],
): { run: (...words: string[]) => ReturnType<typeof spawnSync>; folder: string } {
  const folder = mkdtempSync(join(tmpdir(), 'notify-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const page = join(folder, 'page');
  writeFileSync(page, `#!/bin/sh\nprintf '%s|' "$@" >'${folder}/words'\ncat >'${folder}/event'\nexit 3\n`);
  chmodSync(page, 0o755);
  const own = cluster({ checker: 'keepalived', notify: { mail: [], command: [page, ...command] } });
  const program = join(folder, 'lvs.notify');
  writeFileSync(program, contentOf(renderDirector(own, ['keepalived']), PLACES.keepalivedNotify));
  return { folder, run: (...words) => spawnSync('sh', [program, ...words], { encoding: 'utf8' }) };
}

test('the command of the description gets the event as JSON, and its own words as they are', t => {
  const { run, folder } = notifier(t, ['--to', '#a', '{b}', '*', '(c)', '!', '~']);
  t.is(run('down', '[2001:db8::26]:80/tcp', '[2001:db8::13]:80').status, 3);
  t.is(readFileSync(join(folder, 'words'), 'utf8'), '--to|#a|{b}|*|(c)|!|~|');
  const { time, host, ...event } = JSON.parse(readFileSync(join(folder, 'event'), 'utf8'));
  t.regex(time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  t.regex(host, /^[\w.-]+$/);
  t.deepEqual(event, {
    version: 1,
    service: '[2001:db8::26]:80/tcp',
    server: '[2001:db8::13]:80',
    event: 'down',
    cause: 'keepalived',
  });
});

test('shellcheck has nothing to say of the program', t => {
  const own = cluster({
    checker: 'keepalived',
    notify: { mail: [], command: ['/usr/local/sbin/page', "it's"] },
  });
  const input = contentOf(renderDirector(own, ['keepalived']), PLACES.keepalivedNotify);
  t.is(spawnSync(reader('shellcheck'), ['-'], { input, encoding: 'utf8' }).stdout, '');
});

test('words that JSON or a shell would take for more are refused', t => {
  const { run } = notifier(t, []);
  for (const word of ['', '"', 'a b', '\\', '$(id)', '`id`', "'", 'a\nb', 'é', ';']) {
    t.is(run('up', word, '192.168.45.13:80').status, 64, word);
    t.is(run('up', 'web', word).status, 64, word);
  }
  t.is(run('sideways', 'web', '192.168.45.13:80').status, 64);
  t.is(run('up', 'web').status, 64);
});
