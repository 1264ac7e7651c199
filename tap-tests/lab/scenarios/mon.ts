import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { serve } from '../../../src/lab/acts.js';
import { alerts, startMon, subjects } from '../daemons.js';
import { PROJECT, realServer, type Scenario, withCluster } from '../harness.js';
import { note } from '../notes.js';

const EXAMPLE = readFileSync(`${PROJECT}/lvs.conf.example`, 'utf8');
const VIP = '192.168.45.27';
const SERVER = '192.168.45.43';

/** The rendered mon.cf under the real mon: who is told what when a server dies and returns. */
export const mon: Scenario = {
  name: 'mon',
  descriptions: [EXAMPLE],
  async run(check) {
    await withCluster(EXAMPLE, async lab => {
      const midas = lab.host('midas');
      const servers = lab.role('server');
      const dying = servers.find(one => one.name.endsWith('-43'))!;
      await Promise.all(
        servers.map(async one => {
          await realServer(one, 'tcp:0.0.0.0:80', 'tcp:0.0.0.0:22', `udp:${VIP}:177`);
        }),
      );

      await check('at its start mon announces every server of every service', async () => {
        await startMon(midas);
        await lab.until(
          'six announcements',
          async () => subjects(await alerts(midas, 'startup')).length === 6,
        );
      });
      await check('healthy servers raise no alarm', async () => {
        await midas.sh('sleep 8');
        assert.deepEqual(await alerts(midas, 'failure'), []);
      });
      await check('a dead service is told with service and server, on every port that died', async () => {
        await dying.sh('pkill -f "^perl .*stand-in"');
        const wanted = [`192.168.45.26:22/tcp ${SERVER}:22`, `${VIP}:80/tcp ${SERVER}:80`];
        const seconds = await lab.until(
          'two alerts',
          async () => subjects(await alerts(midas, 'failure')).length >= 2,
          60,
        );
        note(`told after ${seconds} s`);
        const failures = await alerts(midas, 'failure');
        assert.deepEqual(subjects(failures), wanted);
        for (const words of failures) {
          assert.deepEqual(words.slice(0, 2), ['failure', 'alert']);
          assert.ok(!words.includes('-u'), words.join(' '));
          assert.ok(words.at(-1)!.includes(SERVER), words.join(' '));
        }
      });
      await check('its return is told as up, for the same service and server', async () => {
        await serve(dying, 'tcp:0.0.0.0:80', 'tcp:0.0.0.0:22');
        const wanted = [`192.168.45.26:22/tcp ${SERVER}:22`, `${VIP}:80/tcp ${SERVER}:80`];
        const seconds = await lab.until(
          'two alerts',
          async () => subjects(await alerts(midas, 'up')).length >= 2,
          60,
        );
        note(`told after ${seconds} s`);
        const ups = await alerts(midas, 'up');
        assert.deepEqual(subjects(ups), wanted);
        for (const words of ups) assert.ok(words.includes('-u'), words.join(' '));
      });
    });
  },
};
