import test from 'ava';
import fc from 'fast-check';
import { SEED } from '../support/arbitrary.js';
import { applied } from '../../src/table/applied.js';
import { planTable } from '../../src/table/plan.js';
import { relatives } from '../support/tables.js';

const OWNED = { owned: (): boolean => true };

test('once the steps of a plan are made nothing is left to plan, and others stay as they were', t => {
  fc.assert(
    fc.property(relatives, fc.boolean(), ([from, to], all) => {
      const options = all ? OWNED : {};
      const { steps, foreign } = planTable(from, to, options);
      const after = applied(
        from,
        steps.map(({ change }) => change),
      );
      t.deepEqual(planTable(after, to, options).steps, []);
      t.is(after.services.length, to.services.length + foreign.length);
    }),
    { seed: SEED },
  );
  t.pass();
});
