import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { Host, Lab } from '../../../src/lab/lab.js';
import { arpAnswers, ask, serve } from '../../../src/lab/acts.js';
import { startKeepalived } from '../daemons.js';
import { PROJECT, type Scenario, withCluster } from '../harness.js';
import { note } from '../notes.js';

const example = (name: string): string => readFileSync(`${PROJECT}/tap-tests/examples/${name}`, 'utf8');
const EVERY_KEY = example('every-key.yaml');
const CAMPUS = example('campus.yaml');
const VIP = '192.168.45.26';

async function active(lab: Lab): Promise<string[]> {
  const holders = await Promise.all(
    lab.role('director').map(async one => ({ one, run: await one.run(`ip -o addr show to ${VIP}`) })),
  );
  return holders.filter(({ run }) => run.stdout !== '').map(({ one }) => one.name);
}

/** The rendered keepalived.conf under the real daemon, on the hosts that it is for. */
export const keepalived: Scenario = {
  name: 'keepalived',
  descriptions: [EVERY_KEY, CAMPUS],
  async run(check) {
    await withCluster(EVERY_KEY, async lab => {
      await check('every-key.yaml: keepalived -t has nothing to say on either director', async () => {
        for (const director of lab.role('director')) {
          const { exitCode, stderr, stdout } = await director.run('keepalived -t');
          assert.equal(exitCode, 0, `${director.name}: ${stdout}${stderr}`);
        }
      });
    });
    await withCluster(CAMPUS, async lab => {
      const [midas, estepe] = [lab.host('midas'), lab.host('estepe')];
      const web = lab.host('server-192-168-45-13');
      const other = lab.host('server-192-168-45-43');
      const serverOf = async (director: Host): Promise<string[]> => {
        const table = await director.sh('ipvsadm -Sn');
        return [...table.matchAll(new RegExp(`-t ${VIP}:80 -r ([0-9.]*):80`, 'g'))]
          .map(one => one[1]!)
          .toSorted();
      };
      const both = ['192.168.45.13', '192.168.45.43'];

      await check('campus.yaml: keepalived -t has nothing to say on either director', async () => {
        for (const director of [midas, estepe]) {
          const { exitCode, stderr, stdout } = await director.run('keepalived -t');
          assert.equal(exitCode, 0, `${director.name}: ${stdout}${stderr}`);
        }
      });
      await check(
        'the first director that starts takes the addresses, and finds its servers alive',
        async () => {
          const servers = lab
            .role('server')
            .filter(one => one.plan.links.some(link => link.segment === 'front'));
          await Promise.all(servers.map(one => one.sh('/usr/local/sbin/realserver.lvs.dr start')));
          for (const one of [web, other]) {
            const ports = [80, 22].flatMap(port => [
              `tcp:${VIP}:${port}`,
              `tcp:${one.plan.links[0]!.addresses[0]!.split('/')[0]}:${port}`,
            ]);
            await serve(one, ...ports, 'tcp:192.168.45.28:80', 'tcp:192.168.45.28:443');
          }
          await startKeepalived(midas);
          await lab.until('midas holds the VIP', async () => (await active(lab)).join() === 'midas');
          await lab.until(
            'both servers are in the table',
            async () => (await serverOf(midas)).join() === both.join(),
          );
          await startKeepalived(estepe);
          await lab.until(
            'both servers are in the standby',
            async () => (await serverOf(estepe)).join() === both.join(),
          );
          assert.deepEqual(await active(lab), ['midas']);
          assert.equal(await arpAnswers(lab.client, VIP), 1);
          assert.ok(((await ask(lab.client, 'tcp', VIP, 80, 6))[web.name] ?? 0) > 0);
        },
      );
      await check('a dead server leaves the table', async () => {
        await web.sh('pkill -f "^perl .*stand-in"');
        const seconds = await lab.until(
          'the server is gone',
          async () => (await serverOf(midas)).join() === both[1],
        );
        note(`out of the table after ${seconds} s`);
        assert.deepEqual(await ask(lab.client, 'tcp', VIP, 80, 6), { [other.name]: 6 });
      });
      await check('it returns when it answers again', async () => {
        await serve(web, `tcp:${VIP}:80`, 'tcp:192.168.45.13:80');
        const seconds = await lab.until(
          'the server is back',
          async () => (await serverOf(midas)).join() === both.join(),
        );
        note(`back in the table after ${seconds} s`);
      });
      await check('when the active director dies, the other takes the addresses over', async () => {
        await midas.kill();
        const seconds = await lab.until(
          'estepe answers',
          async () => !('-' in (await ask(lab.client, 'tcp', VIP, 80, 1))),
        );
        note(`served again after ${seconds} s`);
        assert.equal(await arpAnswers(lab.client, VIP), 1);
      });
    });
  },
};
