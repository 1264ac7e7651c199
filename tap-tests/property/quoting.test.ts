import { spawnSync } from 'node:child_process';
import test from 'ava';
import fc from 'fast-check';
import { shellQuote } from '../../src/render/shell-quote.js';
import { monWord } from '../../src/render/mon/monitor.js';
import { anyText, expect, holds } from '../support/arbitrary.js';
import { expectedText } from '../support/arbitrary-values.js';

// No program can be given a zero byte as part of an argument.
const words = fc.array(
  anyText.filter(text => !text.includes('\0')),
  { minLength: 1, maxLength: 30 },
);

function run(program: string, args: string[], input: string): string {
  const { status, stdout, stderr } = spawnSync(program, args, { input, encoding: 'utf8' });
  expect(status === 0, () => `${program} ended with ${status}: ${stderr}`);
  return stdout;
}

function same(found: readonly string[], wanted: readonly string[]): void {
  expect(JSON.stringify(found) === JSON.stringify(wanted), () => JSON.stringify({ found, wanted }));
}

test('a shell reads every quoted text as the one word that it was', async t => {
  await holds(t, words, texts => {
    // The script comes from a file, as rendered ones do; printf repeats its format for each argument.
    const printed = run('sh', ['-s'], `printf '%s\\0' ${texts.map(shellQuote).join(' ')}\n`);
    same(printed.split('\0').slice(0, -1), texts);
  });
});

test('a quoted text stays one word where a shell reads it a second time as an argument', async t => {
  await holds(
    t,
    words,
    texts => {
      const command = `printf '%s\\0' ${texts.map(shellQuote).join(' ')}`;
      const printed = run('sh', ['-s'], `sh -c ${shellQuote(command)}\n`);
      same(printed.split('\0').slice(0, -1), texts);
    },
    30,
  );
});

test("mon's own word splitting gives every text back", async t => {
  const split = 'local $/; print map { "$_\\0" } quotewords(q(\\s+), 0, scalar <STDIN>)';
  await holds(t, fc.array(expectedText, { minLength: 1, maxLength: 30 }), texts => {
    const line = texts.map(monWord).join(' ');
    const printed = run('perl', ['-MText::ParseWords', '-e', split], line);
    same(printed.split('\0').slice(0, -1), texts);
  });
});
