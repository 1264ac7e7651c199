import assert from 'node:assert/strict';
import { alerts, startMon, subjects } from '../daemons.js';
import { type Scenario, withCluster } from '../harness.js';
import { endpointOf, hospital, openHospital, type Patient, PATIENTS, watched } from '../patients.js';
import { note } from '../notes.js';

/** What mon has monitors for, of its own and of ours, and in both families; not more, as each check is a program. */
const WARD = ['tcp6', 'status', 'content6', 'https', 'https6', 'smtp', 'dns', 'ping', 'ping6', 'script6'];
const WATCHED = PATIENTS.filter(one => WARD.includes(one.name));
const DESCRIPTION = hospital('mon', WATCHED, { interval: '5s', timeout: '4s', retries: 1 }, ['sick']);

const subject = (one: Patient): string => `${one.name} ${endpointOf(one, 'sick')}`;

/** Whether an alert is called as lvs.alert has to be for this patient. */
function assertCall(words: readonly string[], one: Patient, up: boolean): void {
  const [kind, verb, ...rest] = words;
  const text = words.join(' ');
  const address = endpointOf(one, 'sick').replace(/^\[?(.*?)\]?:\d+$/, '$1');
  const after = (flag: string): string | undefined => rest[rest.indexOf(flag) + 1];
  assert.deepEqual([kind, verb], [up ? 'up' : 'failure', 'alert'], text);
  assert.equal(rest.includes('-u'), up, text);
  assert.equal(after('-s'), (one.check as { type: string }).type, text);
  assert.match(after('-g') ?? '', /^[A-Za-z0-9_.-]+$/, text);
  assert.equal(after('-h'), address, text);
  assert.ok(Math.abs(Number(after('-t')) - Date.now() / 1000) < 300, text);
  assert.equal(rest.slice(-3, -1).join(' '), subject(one), text);
  // The first line of standard input: an upalert may have none.
  if (!up) assert.equal(rest.at(-1), address, text);
}

/** The rendered mon.cf, kind by kind: who died and who returned is told, of the right service and server. */
export const monMonitors: Scenario = {
  name: 'mon-monitors',
  descriptions: [DESCRIPTION],
  async run(check) {
    await withCluster(DESCRIPTION, async lab => {
      const midas = lab.host('midas');
      const sick = lab.host('sick');
      await openHospital(lab, WATCHED);
      const told = async (kind: string): Promise<Patient[]> => {
        const known = subjects(await alerts(midas, kind));
        return WATCHED.filter(one => known.includes(subject(one)));
      };

      await check('healthy servers are announced, and raise no alarm', async () => {
        await startMon(midas);
        const announced = await watched(lab, WATCHED, () => told('startup'));
        assert.deepEqual(
          WATCHED.filter(one => !announced.has(one)).map(one => one.name),
          [],
        );
        await midas.sh('sleep 5');
        assert.deepEqual(await alerts(midas, 'failure'), []);
      });
      const down = await watched(
        lab,
        WATCHED,
        () => told('failure'),
        one => one.illness.begin(sick),
      );
      const failures = await alerts(midas, 'failure');
      const early = await told('up');
      const up = await watched(
        lab,
        WATCHED,
        () => told('up'),
        one => one.illness.end(sick),
      );
      const ups = await alerts(midas, 'up');

      for (const one of WATCHED) {
        const of = (calls: readonly string[][]): string[][] =>
          calls.filter(words => words.slice(-3, -1).join(' ') === subject(one));
        const sentence = `${one.name}: ${one.illness.name}: its death and its return are told`;
        await check(sentence, () => {
          note(`${one.name}: told dead after ${down.get(one)} s, up after ${up.get(one)} s`);
          assert.ok(down.has(one), 'no alert');
          assert.ok(!early.includes(one), 'told up while it was ill');
          assert.ok(up.has(one), 'no upalert');
          for (const words of of(failures)) assertCall(words, one, false);
          for (const words of of(ups)) assertCall(words, one, true);
          return Promise.resolve();
        });
      }
    });
  },
};
