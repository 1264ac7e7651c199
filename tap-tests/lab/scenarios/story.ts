import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { tellStory } from '../../../src/lab/story/story.js';
import { PROJECT, type Scenario, withCluster } from '../harness.js';
import { note } from '../notes.js';

const EXAMPLE = readFileSync(`${PROJECT}/lvs.conf.example`, 'utf8')
  .replace(/^(checker +)mon/m, '$1keepalived')
  .replace(/^(failover +)heartbeat/m, '$1vrrp');

/** The demo: all that it tells comes to pass. */
export const story: Scenario = {
  name: 'story',
  descriptions: [EXAMPLE],
  async run(check) {
    await withCluster(EXAMPLE, async lab => {
      await check('the demo comes out as it is told', async () => {
        const broken = await tellStory(lab, event => {
          note(JSON.stringify(event));
        });
        assert.equal(broken, 0);
      });
    });
  },
};
