import { execFile } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { VERBS } from '../../src/commands/verbs.js';
import { displaysOf, pages, read, ROOT, snippetsOf } from './documents.js';

const folder = mkdtempSync(join(tmpdir(), 'lvsctl-docs-'));
test.before(() => {
  const description = snippetsOf('docs/guide.md').find(one => one.language === 'yaml')!.text;
  for (const name of ['lvs.yaml', 'cluster.yaml']) writeFileSync(join(folder, name), description);
  writeFileSync(
    join(folder, 'ipvsadm.rules'),
    '-A -t 192.0.2.1:http -s rr\n-a -t 192.0.2.1:http -r 192.0.2.2\n',
  );
  for (const name of ['lvs.conf', 'lvs.conf.example'])
    copyFileSync(`${ROOT}lvs.conf.example`, join(folder, name));
});
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

/** Command lines of the pages, the manual and the program's own help, each once. */
const written = [
  ...pages()
    .flatMap(snippetsOf)
    .filter(one => one.language === '')
    .flatMap(one => one.text.split('\n')),
  ...displaysOf('docs/man/lvsctl.8').flatMap(one => one.text.split('\n')),
  ...[...read('docs/man/lvsctl.8').matchAll(/^\.Dl [$#] (.+)$/gm)].map(match => match[1]!),
  ...VERBS.flatMap(verb => verb.examples.map(([line]) => `lvsctl ${line}`)),
];
const commands = [
  // plan, show and import kernel need a kernel with IPVS: the lab has one.
  ...new Set(
    written.filter(line => /^lvsctl (validate|configure|import (?!kernel)|completion)\b/.test(line)),
  ),
];

/** The words to run: files of the example in the place of the reader's own, and nothing is written outside. */
function safely(line: string): string[] {
  const words = line
    .replace(/ > .*/, '')
    .replace(/\/etc\/(lvs\/)?(?=lvs\.conf|ipvsadm)/, '')
    .split(' ')
    .slice(1);
  if (words[0] === 'configure' && !words.includes('--out')) words.push('--dry-run', '--host', 'midas');
  if ((words[0] === 'configure' || words[0] === 'validate') && !words.includes('-f'))
    words.push('-f', 'lvs.yaml');
  return words;
}

for (const line of commands) {
  test.serial(`${line}, as written, works`, async t => {
    const { code, output } = await new Promise<{ code: unknown; output: string }>(resolve => {
      const main = join(ROOT, 'build/src/main.js');
      execFile(process.execPath, [main, ...safely(line)], { cwd: folder }, (error, stdout, stderr) =>
        resolve({ code: error?.code ?? 0, output: stdout + stderr }),
      );
    });
    // Warnings, with --strict an error, and pending changes are answers too; a usage error is none.
    t.true(
      [0, ...(line.includes('--check') ? [2] : []), ...(line.includes('--strict') ? [78] : [])].includes(
        code as number,
      ),
      output,
    );
  });
}

test('there are commands to run', t => {
  t.true(commands.length >= 8, commands.join('\n'));
});
