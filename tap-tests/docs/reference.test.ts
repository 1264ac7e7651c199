import test from 'ava';
import { EXIT } from '../../src/commands/exit.js';
import { VERBS } from '../../src/commands/verbs.js';
import { CLASSIC_KEYS } from '../../src/config/classic/keys.js';
import { DEFAULT_FAILOVER, DEFAULT_KEEPALIVED, DEFAULT_MON } from '../../src/cluster/defaults.js';
import { PLACES } from '../../src/render/places.js';
import { TARGETS } from '../../src/render/target-names.js';
import { read, section } from './documents.js';

const PAGE = read('docs/reference.md');
const VERBS_PART = section(PAGE, '## Verbs');

function flagsOf(flags: string): string[] {
  return flags.split(/,? /).filter(word => word.startsWith('-'));
}

/** `-f` and `--file` wherever they stand. */
function flagsNamed(text: string): string[] {
  return text.match(/(?<![\w-])(--[a-z][a-z-]*|-[A-Za-z])(?![\w-])/g) ?? [];
}

/** The verbs for which the table of common options has a flag; `all` for every verb. */
function verbsWith(flag: string): string[] {
  const row = VERBS_PART.split('\n').find(
    line => line.startsWith('|') && flagsNamed(line.split('|')[1]!).includes(flag),
  );
  return row?.split(' | ')[1]?.split(', ') ?? [];
}

for (const verb of VERBS) {
  test(`the reference has the verb ${verb.name} with all its flags`, t => {
    const own = section(PAGE, `### ${verb.name}`);
    t.not(own, '');
    for (const flag of verb.options.flatMap(one => flagsOf(one.flags))) {
      const common = verbsWith(flag);
      t.true(flagsNamed(own).includes(flag) || common.includes(verb.name) || common.includes('all'), flag);
    }
  });
}

test('the table of common options names no verb that lacks one', t => {
  for (const flag of ['--file', '--strict', '--output', '--no-color']) {
    const having = VERBS.filter(verb => verb.options.some(one => flagsOf(one.flags).includes(flag)));
    const named = verbsWith(flag);
    t.deepEqual(named, having.length === VERBS.length ? ['all'] : having.map(verb => verb.name), flag);
  }
});

test('the reference has no flag and no verb that does not exist', t => {
  const known = new Set(VERBS.flatMap(verb => verb.options.flatMap(one => flagsOf(one.flags))));
  for (const flag of ['-h', '--help', '-V', '--version']) known.add(flag);
  const foreign = (flag: string): boolean => !known.has(flag);
  t.deepEqual(flagsNamed(VERBS_PART).filter(foreign), []);
  const long = flagsNamed(PAGE).filter(flag => flag.startsWith('--'));
  t.deepEqual(long.filter(foreign), []);
  const sections = [...VERBS_PART.matchAll(/^### (.+)$/gm)].map(match => match[1]!);
  t.deepEqual(sections, [...VERBS.map(verb => verb.name), 'help']);
});

test('the reference has all exit codes and no other', t => {
  const codes = [...section(PAGE, '## Exit codes').matchAll(/^\| (\d+) \|/gm)].map(match => Number(match[1]));
  t.deepEqual(codes, Object.values(EXIT));
});

test('the reference has all keys of the classic form and no other', t => {
  const table = section(PAGE, '## The classic form')
    .split('\n')
    .filter(line => line.startsWith('| `'));
  const keys = table.flatMap(line => [...line.split('|')[1]!.matchAll(/`(\w+)`/g)].map(match => match[1]!));
  t.deepEqual(keys.toSorted(), Object.keys(CLASSIC_KEYS).toSorted());
});

test('the reference has every place of a rendered file', t => {
  const movable = [DEFAULT_MON.config, DEFAULT_KEEPALIVED.config, DEFAULT_FAILOVER.keyFile];
  const programs = [`${DEFAULT_MON.monitors}/lvs.monitor`, `${DEFAULT_MON.alerts}/lvs.alert`];
  for (const path of [...Object.values(PLACES), ...movable, ...programs]) {
    t.true(PAGE.includes(`\`${path}\``), path);
  }
});

test('the reference has every target', t => {
  for (const target of TARGETS) t.true(VERBS_PART.includes(`\`${target}\``), target);
});
