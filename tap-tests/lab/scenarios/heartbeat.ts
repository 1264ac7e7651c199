import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { Host } from '../../../src/lab/lab.js';
import { arpAnswers, ask } from '../../../src/lab/acts.js';
import { startHeartbeat } from '../daemons.js';
import { PROJECT, realServer, type Scenario, withCluster } from '../harness.js';
import { note } from '../notes.js';

const EXAMPLE = readFileSync(`${PROJECT}/lvs.conf.example`, 'utf8');
const VIP = '192.168.45.27';

/** The example's pair of directors, with the original's times: 30 seconds of silence mean death. */
export const heartbeat: Scenario = {
  name: 'heartbeat',
  descriptions: [EXAMPLE],
  async run(check) {
    await withCluster(EXAMPLE, async lab => {
      const [midas, estepe] = [lab.host('midas'), lab.host('estepe')];
      const holds = async (one: Host): Promise<boolean> => (await one.sh(`ip -o addr show to ${VIP}`)) !== '';
      await Promise.all(
        lab.role('server').map(async one => {
          await realServer(one, `tcp:${VIP}:80`);
        }),
      );

      await check('the primary becomes active, the standby does not', async () => {
        await Promise.all([startHeartbeat(midas), startHeartbeat(estepe)]);
        const seconds = await lab.until('midas is active', () => holds(midas), 150);
        note(`active after ${seconds} s`);
        assert.equal(await holds(estepe), false);
        assert.equal(await arpAnswers(lab.client, VIP), 1);
        assert.ok(!('-' in (await ask(lab.client, 'tcp', VIP, 80, 6))));
      });
      await check(
        'heartbeat judges director.lvs.dr as running on the one and stopped on the other',
        async () => {
          assert.equal(
            (await midas.run('/etc/ha.d/resource.d/director.lvs.dr status')).stdout.trim(),
            'running',
          );
          assert.equal(
            (await estepe.run('/etc/ha.d/resource.d/director.lvs.dr status')).stdout.trim(),
            'stopped',
          );
        },
      );
      await check('the active director dies: the standby serves', async () => {
        await midas.kill();
        const seconds = await lab.until(
          'estepe answers',
          async () => !('-' in (await ask(lab.client, 'tcp', VIP, 80, 1))),
          120,
        );
        note(`served again after ${seconds} s, of which 30 are the deadtime`);
        assert.equal(await holds(estepe), true);
        assert.equal(await arpAnswers(lab.client, VIP), 1);
      });
    });
  },
};
