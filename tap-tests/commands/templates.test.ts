import test, { type ExecutionContext } from 'ava';
import { EXAMPLE, ROOT, TestHost } from '../support/context.js';
import { readFileSync } from 'node:fs';

const OUT = ['configure', '-f', 'lvs.conf', '--out', 'files'] as const;
const OWN = '/etc/lvsctl/templates/mon/mon.cf.hbs';
const PACKAGED = readFileSync(`${ROOT}templates/mon/mon.cf.hbs`, 'utf8');

function example(t: ExecutionContext): TestHost {
  const host = new TestHost(t);
  host.put('/here/lvs.conf', EXAMPLE);
  return host;
}

test("a template of the administrator's own takes the place of the packaged one", async t => {
  const host = example(t);
  host.put(OWN, `# our own\n${PACKAGED}`);
  t.is((await host.run(...OUT)).exitCode, 0);
  t.regex(host.text('/here/files/midas/etc/mon/mon.cf'), /^# Generated [^\n]*\n# our own\n/);
});

test("a program of the administrator's own takes the place of the packaged one", async t => {
  const host = example(t);
  host.put('/etc/lvsctl/templates/realserver/realserver.lvs.dr', '#!/bin/sh\necho ours\n');
  t.is((await host.run(...OUT)).exitCode, 0);
  t.regex(
    host.text('/here/files/realserver/usr/local/sbin/realserver.lvs.dr'),
    /^#!\/bin\/sh\n# Generated .*\necho ours\n$/,
  );
});

test('a misspelt field is refused with file, line, column and a suggestion, and nothing is written', async t => {
  for (const [text, place, words] of [
    ['# one\n  {{watchs}}\n', '2:5', /there is no field watchs; did you mean watches\?/],
    ['{{#each watches}}{{adress}}{{/each}}\n', '1:20', /there is no field adress; did you mean address\?/],
    ['{{#if whloe}}x{{/if}}\n', '1:7', /there is no field whloe; did you mean whole\?/],
    ['{{join watches.nme " "}}\n', '1:8', /there is no field watches\.nme/],
    ['{{shout mail}}\n', '1:3', /there is no helper shout; known: shellQuote, join/],
    ['{{> other}}\n', '1:1', /partials are not available/],
  ] as const) {
    const host = example(t);
    host.put(OWN, text);
    const { exitCode, err } = await host.run(...OUT);
    t.is(exitCode, 78);
    t.true(err.includes(`a template cannot be used:\n${OWN}:${place}: `), err);
    t.regex(err, words);
    t.deepEqual(host.paths('/here'), ['/here/lvs.conf']);
  }
});

test('a template that is none is refused with its file', async t => {
  const host = example(t);
  host.put(OWN, '{{#each watches}}\n');
  const { exitCode, err } = await host.run(...OUT);
  t.is(exitCode, 78);
  t.regex(
    err,
    /a template cannot be used:\n\/etc\/lvsctl\/templates\/mon\/mon\.cf\.hbs:1: the template cannot be parsed here/,
  );
});

test('a template of a target that is not asked for may be wrong', async t => {
  const host = example(t);
  host.put(OWN, '{{watchs}}\n');
  t.is((await host.run(...OUT, '--target', 'ipvsadm')).exitCode, 0);
});

test('a template of a name that nothing reads is refused, and the right name suggested', async t => {
  const host = example(t);
  host.put('/etc/lvsctl/templates/mon/mon.cf.hsb', PACKAGED);
  const { exitCode, err } = await host.run(...OUT);
  t.is(exitCode, 78);
  t.regex(
    err,
    /templates\/mon\/mon\.cf\.hsb: there is no template of this name; did you mean "mon\/mon\.cf\.hbs"\?/,
  );
});

test('what an editor leaves beside a template is passed over', async t => {
  const host = example(t);
  host.put(`${OWN}~`, 'old');
  host.put('/etc/lvsctl/templates/mon/.mon.cf.hbs.swp', 'old');
  t.is((await host.run(...OUT)).exitCode, 0);
});
