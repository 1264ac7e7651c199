import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { startedBy } from '../../src/system/started.js';

const MODULE = new URL('../../src/system/started.js', import.meta.url).href;
const MAIN = '/lab/dist/main.js';

test('Node and the script', t => {
  t.deepEqual(
    startedBy('/usr/bin/node', MAIN, () => []),
    ['/usr/bin/node', MAIN],
  );
});

for (const loader of ['ld-linux-x86-64.so.2', 'ld-linux-aarch64.so.1', 'ld-musl-x86_64.so.1', 'ld64.so.2'])
  test(`behind the loader ${loader}: what it was told, without the arguments`, t => {
    const words = [`./${loader}`, '--library-path', '/lab', '/lab/node', MAIN, 'drain', MAIN, ''];
    t.deepEqual(
      startedBy(`/lab/${loader}`, MAIN, () => words),
      [`/lab/${loader}`, '--library-path', '/lab', '/lab/node', MAIN],
    );
  });

/** The loader that the Node of this host names. */
function loaderOfNode(): string {
  const { stdout } = spawnSync('ldd', [process.execPath], { encoding: 'utf8' });
  return /^\s*(\/\S+\/ld\S+) \(0x/m.exec(stdout)?.[1] ?? '';
}

test('what a program behind a loader says starts it anew', t => {
  const loader = loaderOfNode();
  if (loader === '') {
    t.pass('this Node has no loader');
    return;
  }
  const folder = mkdtempSync(join(tmpdir(), 'started-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const script = join(folder, 'program.mjs');
  writeFileSync(
    script,
    `import { readFileSync } from 'node:fs';
     import { startedBy } from '${MODULE}';
     const words = () => readFileSync('/proc/self/cmdline', 'utf8').split('\\0');
     console.log(JSON.stringify([startedBy(process.execPath, '${script}', words), process.argv.slice(2)]));`,
  );
  const run = (words: readonly string[]): [string[], string[]] => {
    const { stdout, stderr } = spawnSync(words[0]!, words.slice(1), { encoding: 'utf8' });
    t.regex(stdout, /^\[/, stderr);
    return JSON.parse(stdout) as [string[], string[]];
  };
  const [words] = run([loader, '--library-path', '/nowhere', process.execPath, script, 'one']);
  t.regex(words[0]!, /\/ld[^/]*$/);
  t.deepEqual(run([...words, 'tick']), [words, ['tick']]);
});
