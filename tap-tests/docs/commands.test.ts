import test, { type ExecutionContext } from 'ava';
import { VERBS } from '../../src/commands/verbs.js';
import { TestHost } from '../support/context.js';
import { displaysOf, pages, read, snippetsOf } from './documents.js';

/** A machine with the files that the pages speak of. */
function reader(t: ExecutionContext): TestHost {
  const host = new TestHost(t);
  const description = snippetsOf('docs/guide.md').find(one => one.language === 'yaml')!.text;
  for (const name of ['lvs.yaml', 'cluster.yaml']) host.put(`/here/${name}`, description);
  host.put('/here/ipvsadm.rules', '-A -t 192.0.2.1:http -s rr\n-a -t 192.0.2.1:http -r 192.0.2.2\n');
  for (const name of ['lvs.conf', 'lvs.conf.example']) host.put(`/here/${name}`, read('lvs.conf.example'));
  return host;
}

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
  test(`${line}, as written, works`, async t => {
    const { exitCode, out, err } = await reader(t).run(...safely(line));
    // Warnings, with --strict an error, and pending changes are answers too; a usage error is none.
    t.true(
      [0, ...(line.includes('--check') ? [2] : []), ...(line.includes('--strict') ? [78] : [])].includes(
        exitCode,
      ),
      out + err,
    );
  });
}

test('there are commands to run', t => {
  t.true(commands.length >= 8, commands.join('\n'));
});
