import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { rehearse as run } from '../../../src/lab/rehearse.js';
import type { DrillResult } from '../../../src/lab/report.js';
import { PROJECT, type Scenario, withCluster } from '../harness.js';

const CAMPUS = readFileSync(`${PROJECT}/tap-tests/examples/campus.yaml`, 'utf8');

/** The drills of `lvsctl lab rehearse`, on a cluster that they all fit. */
export const rehearse: Scenario = {
  name: 'rehearse',
  descriptions: [CAMPUS],
  async run(check) {
    await withCluster(CAMPUS, async lab => {
      await check('every drill of campus.yaml passes', async () => {
        const results: DrillResult[] = [];
        await run(lab, told => {
          if (told.event === 'end') results.push(told);
          console.log(`# ${JSON.stringify(told)}`);
        });
        assert.deepEqual(
          results
            .filter(one => one.outcome !== 'passed')
            .map(one => `${one.id} ${one.subject}: ${one.detail}`),
          [],
        );
      });
    });
  },
};
