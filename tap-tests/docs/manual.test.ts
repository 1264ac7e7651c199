import { spawnSync } from 'node:child_process';
import test from 'ava';
import { EXIT } from '../../src/commands/exit.js';
import { VERBS } from '../../src/commands/verbs.js';
import { CLASSIC_KEYS } from '../../src/config/classic/keys.js';
import { TARGETS } from '../../src/render/target-names.js';
import { reader } from '../support/readers.js';
import { read, ROOT } from './documents.js';

const LVSCTL = read('docs/man/lvsctl.8');
const LVS_CONF = read('docs/man/lvs.conf.5');

/** A part of a manual page, from its heading to the next one. */
function part(page: string, heading: string): string {
  const [, rest = ''] = page.split(`\n${heading}\n`);
  return rest.split(heading.startsWith('.Ss') ? /^\.S[hs] /m : /^\.Sh /m)[0]!;
}

function flagsOf(flags: string): string[] {
  return flags.split(/,? /).filter(word => word.startsWith('-'));
}

/** `.Fl -file` as people type it: `--file`. */
function flagsNamed(text: string): string[] {
  return [...text.matchAll(/\bFl (-?[A-Za-z][a-z-]*)/g)].map(match => `-${match[1]}`);
}

for (const verb of VERBS) {
  test(`lvsctl(8) has the verb ${verb.name} with all its flags`, t => {
    t.not(part(LVSCTL, `.Ss ${verb.name}`), '', 'it has a section');
    const synopsis = part(LVSCTL, '.Sh SYNOPSIS')
      .split(/^\.Nm$/m)
      .filter(one => one.startsWith(`\n.Cm ${verb.name}\n`));
    t.is(synopsis.length, 1);
    const named = new Set(flagsNamed(synopsis[0]!));
    const explained = new Set(flagsNamed(part(LVSCTL, '.Sh OPTIONS')));
    for (const { flags } of verb.options) {
      t.true(
        flagsOf(flags).some(flag => named.has(flag)),
        `${flags} is in the synopsis`,
      );
      for (const flag of flagsOf(flags)) t.true(explained.has(flag), `${flag} is explained`);
    }
    for (const choice of verb.args?.flatMap(arg => arg.choices ?? []) ?? []) {
      t.true(synopsis[0]!.includes(`.Cm ${choice}`), `${choice} is in the synopsis`);
    }
  });
}

test('lvsctl(8) has no flag and no verb that does not exist', t => {
  const known = new Set(VERBS.flatMap(verb => verb.options.flatMap(one => flagsOf(one.flags))));
  for (const flag of ['-h', '--help', '-V', '--version']) known.add(flag);
  t.deepEqual(
    flagsNamed(LVSCTL).filter(flag => !known.has(flag)),
    [],
  );
  const sections = [...part(LVSCTL, '.Sh VERBS').matchAll(/^\.Ss (.+)$/gm)].map(match => match[1]!);
  t.deepEqual(sections, [...VERBS.map(verb => verb.name), 'help']);
});

test('lvsctl(8) has all exit codes and no other', t => {
  const codes = [...part(LVSCTL, '.Sh EXIT STATUS').matchAll(/^\.It (\d+)$/gm)].map(match =>
    Number(match[1]),
  );
  t.deepEqual(codes, Object.values(EXIT));
});

test('lvsctl(8) has all targets', t => {
  t.true(LVSCTL.includes(`.Cm ${TARGETS.join(' , ')} .`));
});

test('lvs.conf(5) has all keys of the classic form with their words, and no other', t => {
  const classic = part(LVS_CONF, '.Sh THE CLASSIC FORM');
  const found = [...classic.matchAll(/^\.It Ic (\S+) Ar (.+)$/gm)];
  t.deepEqual(found.map(match => match[1]!).toSorted(), Object.keys(CLASSIC_KEYS).toSorted());
  for (const [, key, words] of found) {
    const { words: taken } = CLASSIC_KEYS[key!]!;
    const rest = taken.includes('…');
    // `poll` takes a text of several words.
    if (rest && key !== 'mailto') t.is(words, 'schedule');
    else t.is(words!.split(' ').length, taken.length, key);
  }
});

for (const page of ['lvsctl.8', 'lvs.conf.5']) {
  test(`mandoc finds nothing wrong with ${page}`, t => {
    const mandoc = spawnSync(reader('mandoc'), ['-T', 'lint', '-W', 'warning', `${ROOT}docs/man/${page}`], {
      encoding: 'utf8',
    });
    t.is(`${mandoc.stdout}${mandoc.stderr}`, '');
    t.is(mandoc.status, 0);
  });
}
