import { spawnSync } from 'node:child_process';
import test from 'ava';
import { VERBS } from '../../src/commands/verbs.js';
import { TestHost } from '../support/context.js';

test('--version is one line, --help names every verb', async t => {
  const host = new TestHost(t);
  t.deepEqual(await host.run('--version'), { exitCode: 0, out: '0.0.0\n', err: '' });
  const { exitCode, out } = await host.run('--help');
  t.is(exitCode, 0);
  for (const { name, about } of VERBS) {
    t.regex(out, new RegExp(`^ {2}${name} `, 'm'));
    t.true(out.replace(/\s+/g, ' ').includes(about), name);
  }
});

test('no argument at all is a usage error that shows the help', async t => {
  const { exitCode, out, err } = await new TestHost(t).run();
  t.deepEqual([exitCode, out], [64, '']);
  t.regex(err, /^Usage: lvsctl/);
});

for (const { name, options, examples } of VERBS) {
  test(`the help of ${name} has its options and examples`, async t => {
    const host = new TestHost(t);
    const { exitCode, out } = await host.run(name, '--help');
    t.is(exitCode, 0);
    for (const { flags } of options) t.true(out.includes(flags), flags);
    t.true(examples.length > 0);
    for (const [line, does] of examples) t.true(out.includes(`  lvsctl ${line}\n      ${does}`), line);
    t.is((await host.run('help', name)).out, out);
  });

  test(`the examples of ${name} are command lines that it understands`, t => {
    const flags = new Set(options.flatMap(one => one.flags.match(/(?<![\w-])--?[a-z][a-z-]*/g) ?? []));
    for (const [line] of examples) {
      const words = line.split(' > ')[0]!.split(' ');
      t.is(words[0], name);
      for (const word of words) if (word.startsWith('-') && word !== '-') t.true(flags.has(word), word);
    }
  });
}

test('a misspelt verb, option or value is a usage error with a suggestion', async t => {
  const host = new TestHost(t);
  for (const [line, words] of [
    ['vaildate', /lvsctl: unknown command 'vaildate'\n\(Did you mean validate\?\)/],
    [
      'validate --flie x',
      /lvsctl: unknown option '--flie'\n\(Did you mean --file\?\)[^]*lvsctl validate --help shows what there is/,
    ],
    ['configure --target mno', /'mno' is invalid\. Allowed choices are ipvsadm, mon, keepalived/],
    ['validate -o yaml', /'yaml' is invalid\. Allowed choices are text, json/],
    ['import ldirectord', /'ldirectord' is invalid[^]*Allowed choices are lvs\.conf/],
    ['completion', /missing required argument 'shell'/],
    ['validate lvs.conf', /too many arguments/],
    ['validate -f', /argument missing/],
  ] as const) {
    const { exitCode, out, err } = await host.run(...line.split(' '));
    t.is(exitCode, 64, line);
    t.is(out, '', line);
    t.regex(err, words, line);
  }
});

/** What bash would offer for the last of these words. */
function completed(script: string, ...words: string[]): string[] {
  const line = `${script}
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
_lvsctl
printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { status, stdout, stderr } = spawnSync('bash', ['-uc', line, 'bash', 'lvsctl', ...words], {
    encoding: 'utf8',
    cwd: '/',
  });
  if (status !== 0) throw new Error(stderr);
  return stdout.split('\n').filter(word => word !== '');
}

test('the completion is a script that bash can read, and completes what there is', async t => {
  const { out } = await new TestHost(t).run('completion', 'bash');
  t.is(spawnSync('bash', ['-n'], { input: out }).status, 0);
  t.deepEqual(completed(out, 'va'), ['validate']);
  t.deepEqual(
    completed(out, '').toSorted(),
    [...VERBS.map(one => one.name), '--help', '--version'].toSorted(),
  );
  t.deepEqual(completed(out, 'configure', '--dr'), ['--dry-run']);
  t.deepEqual(completed(out, 'configure', '--target', 'k'), ['keepalived']);
  t.deepEqual(completed(out, 'validate', '-o', ''), ['text', 'json']);
  t.deepEqual(completed(out, 'configure', '--out', '/et'), ['/etc']);
  t.true(completed(out, 'validate', '--file', '/etc/passw').includes('/etc/passwd'));
  t.true(completed(out, 'import', 'lvs').includes('lvs.conf'));
  t.deepEqual(completed(out, 'nothing', 'x'), []);
});
