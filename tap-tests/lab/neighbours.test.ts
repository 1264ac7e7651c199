import test from 'ava';
import { neighbourAct } from '../../src/lab/drills/neighbours.js';
import type { Host, Lab } from '../../src/lab/lab.js';
import { cluster } from '../support/clusters.js';

const VIP = '192.168.45.26';
const [MIDAS, WEB] = ['aa:00:00:00:00:01', 'aa:00:00:00:00:02'] as const;

/** What comes of it when these answer for the VIP, which the director has. */
async function found(...answers: readonly string[]): Promise<[outcome: string, detail: string]> {
  const client = {
    run: () =>
      Promise.resolve({ stdout: answers.map(one => `Unicast reply from ${VIP} [${one}]  1ms\n`).join('') }),
  } as unknown as Host;
  const midas = {
    name: 'midas',
    run: () => Promise.resolve({ stdout: `2: eth0    inet ${VIP}/32 scope global eth0\n` }),
    sh: () => Promise.resolve(`${MIDAS}\n00:00:00:00:00:00`),
  } as unknown as Host;
  const described = cluster();
  const lab = { client, cluster: described, role: () => [midas] } as unknown as Lab;
  const [finding] = await neighbourAct(described).run(lab);
  return [finding!.outcome, finding!.detail];
}

test('one machine has to answer for a VIP, and that one has to be the active director', async t => {
  t.deepEqual(await found(MIDAS.toUpperCase()), ['passed', '1 answered; held by midas']);
  t.is((await found())[0], 'failed');
  const [outcome, detail] = await found(WEB.toUpperCase());
  t.is(outcome, 'failed');
  t.regex(detail, /^another machine than the active director answers; 1 answered/);
  t.regex((await found(MIDAS, WEB))[1], /^others than the active director answer too/);
});
