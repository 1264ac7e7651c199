import test from 'ava';
import { EXAMPLES, hostileFile } from '../support/arbitrary-text.js';
import { holds } from '../support/arbitrary.js';
import { survives } from './survival.js';

test('any bytes give a cluster or errors that are safe to show, never a crash', async t => {
  await holds(t, hostileFile, survives, 400);
});

test('the examples themselves are read in the form that is not theirs without a crash', async t => {
  for (const example of EXAMPLES) {
    for (const name of ['lvs.conf', 'lvs.yaml', 'lvs']) {
      await t.notThrowsAsync(survives({ name, bytes: Buffer.from(example) }));
    }
  }
});
