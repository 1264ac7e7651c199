import assert from 'node:assert/strict';
import { serversIn, startKeepalived } from '../daemons.js';
import { type Scenario, withCluster } from '../harness.js';
import { endpointOf, hospital, openHospital, type Patient, PATIENTS, watched } from '../patients.js';
import { note } from '../notes.js';

const DESCRIPTION = hospital('keepalived', PATIENTS, { interval: '1s', timeout: '3s', retries: 0 });

/** Each kind of check from the rendered file: the ill server leaves the table, and is back once it is well. */
export const keepalivedChecks: Scenario = {
  name: 'keepalived-checks',
  descriptions: [DESCRIPTION],
  async run(check) {
    await withCluster(DESCRIPTION, async lab => {
      const midas = lab.host('midas');
      const sick = lab.host('sick');
      /** Those whose service has just these servers. */
      const having = async (...who: readonly ('good' | 'sick')[]): Promise<Patient[]> => {
        const services = await serversIn(midas);
        return PATIENTS.filter(one => {
          const servers = services.get(endpointOf(one, 'vip')) ?? [];
          return servers.toSorted().join() === who.map(name => endpointOf(one, name)).join();
        });
      };
      await openHospital(lab, PATIENTS);
      await check('keepalived -t has nothing to say, and all healthy servers are in the table', async () => {
        const { exitCode, stdout, stderr } = await midas.run('keepalived -t');
        assert.equal(exitCode, 0, stdout + stderr);
        await startKeepalived(midas);
        const up = await watched(lab, PATIENTS, () => having('good', 'sick'));
        const absent = PATIENTS.filter(one => !up.has(one)).map(one => one.name);
        assert.deepEqual(absent, [], await midas.sh('tail -n 40 /var/log/keepalived.out'));
      });
      const out = await watched(
        lab,
        PATIENTS,
        () => having('good'),
        one => one.illness.begin(sick),
      );
      const ill = await having('good');
      const back = await watched(
        lab,
        PATIENTS,
        () => having('good', 'sick'),
        one => one.illness.end(sick),
      );

      for (const one of PATIENTS) {
        const sentence = `${one.name}: ${one.illness.name}: the server leaves the table, and returns once it is well`;
        await check(sentence, () => {
          note(`${one.name}: out after ${out.get(one)} s, back after ${back.get(one)} s`);
          assert.ok(out.has(one), 'it stayed');
          assert.ok(ill.includes(one), 'it returned while it was ill');
          assert.ok(back.has(one), 'it did not return');
          return Promise.resolve();
        });
      }
    });
  },
};
