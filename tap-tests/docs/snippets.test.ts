import test from 'ava';
import { readDescription } from '../../src/config/read.js';
import { PORTS } from '../support/cases.js';
import { displaysOf, pages, type Snippet, snippetsOf } from './documents.js';

const marked = pages()
  .flatMap(snippetsOf)
  .filter(one => one.language === 'yaml' || one.language === 'conf');
/** What claims to be a whole description: it has services. */
const isComplete = ({ text }: Snippet): boolean => /^services:|^lvshost/m.test(text);
const complete = [...marked, ...displaysOf('docs/man/lvs.conf.5')].filter(isComplete);

for (const { page, line, text } of complete) {
  test(`the description in ${page}, line ${line}, is valid`, async t => {
    const name = /^services:/m.test(text) ? 'lvs.yaml' : 'lvs.conf';
    const { cluster, diagnostics } = await readDescription(new TextEncoder().encode(text), name, PORTS);
    const errors = diagnostics.filter(one => one.severity === 'error');
    t.deepEqual(
      errors.map(one => one.message),
      [],
    );
    t.truthy(cluster);
  });
}

test('there are descriptions to look at, in both forms', t => {
  t.true(complete.length >= 10, `${complete.length}`);
});

test('what is marked as yaml or conf is a whole description', t => {
  const parts = marked.filter(one => !isComplete(one));
  t.deepEqual(
    parts.map(one => `${one.page}:${one.line}`),
    [],
  );
});
