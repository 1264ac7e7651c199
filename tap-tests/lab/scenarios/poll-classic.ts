import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { ask } from '../../../src/lab/acts.js';
import { keepBusy, ownLoadAverage } from '../load-average.js';
import { PROJECT, realServer, type Scenario } from '../harness.js';
import { installLvsctl, must } from '../lvsctl.js';
import { note } from '../notes.js';
import { putToWork, withUnits } from '../units.js';

/** The file of 2007: UDP 177, wrr, two real servers, and nothing said of polling. */
const DESCRIPTION = readFileSync(`${PROJECT}/tap-tests/examples/ime.lvs.conf`, 'utf8');
const [VIP, PORT] = ['192.168.45.26', 177];
const ASKED = 32;

/** The classic way, whole: cron, a load agent on each real server, weights that follow, traffic that follows them. */
export const pollClassic: Scenario = {
  name: 'poll-classic',
  onlyNamed: true,
  limit: 1200,
  descriptions: [DESCRIPTION],
  async run(check) {
    await withUnits(DESCRIPTION, async units => {
      const { lab } = units;
      const [director] = lab.role('director');
      const servers = lab.role('server');
      const [midas, first] = await Promise.all([
        units.boot(director!.name, 'mon', 'cron'),
        units.boot(servers[0]!.name),
      ]);
      const second = servers[1]!;
      const addressOf = (host: { readonly plan: (typeof second)['plan'] }): string =>
        host.plan.links[0]!.addresses[0]!.split('/')[0]!;
      const sh = async (script: string): Promise<string> => must(lab, midas, script);
      /** By address, what the kernel has. */
      const weights = async (): Promise<Map<string, number>> => {
        const rules = await midas.sh('ipvsadm -Sn');
        return new Map(
          [...rules.matchAll(/^-a -u \S+ -r ([\d.]+):\d+ .* -w (\d+)$/gm)].map(one => [
            one[1]!,
            Number(one[2]),
          ]),
        );
      };
      /** The share of the first server by weight, of 1. */
      const share = async (): Promise<number> => {
        const all = await weights();
        const sum = [...all.values()].reduce((a, b) => a + b, 0);
        return all.get(addressOf(first))! / sum;
      };
      /** How often cron had something to mail, which it cannot here. */
      const mails = async (): Promise<number> =>
        Number(await midas.sh("journalctl -b -q -o cat -u cron | grep -c 'discarding output' || :"));
      let mailsBefore = 0;
      const fileOfPolling = async (): Promise<string> => midas.sh('cat /var/lib/lvsctl/polling');

      await check(
        'with an agent on each real server a poll finds both idle, and leaves the weights equal',
        async () => {
          await realServer(second, `udp:${VIP}:${PORT}`);
          await ownLoadAverage(first);
          await ownLoadAverage(second);
          await putToWork(units, first);
          await first.sh(first.perl('stand-in', [`udp:${VIP}:${PORT}`]));
          await installLvsctl(second);
          await second.sh(
            'cat >/tmp/lvs.conf; setsid lvsctl uptimesrv -f /tmp/lvs.conf >/tmp/agent.log 2>&1 </dev/null &',
            DESCRIPTION,
          );
          await midas.sh('mkdir -p /etc/lvsctl && cat >/etc/lvsctl/lvs.conf', DESCRIPTION);
          await putToWork(units, midas);
          await midas.sh('rm -f /etc/ipvsadm.rules /etc/default/ipvsadm');
          await installLvsctl(midas);
          note(await midas.sh('cat /etc/cron.d/lvsctl'));
          await sh('lvsctl apply');
          mailsBefore = await mails();
          const said = await sh('lvsctl poll');
          note(said);
          // The machine itself has a little to do.
          assert.equal(said.match(/ ready .* uptime × (1\.0|0\.9)/g)?.length, 2, said);
          assert.equal(new Set((await weights()).values()).size, 1);
        },
      );
      await check(
        'one is loaded: with cron its weight falls in the kernel, the file says so, and traffic follows',
        async () => {
          const end = await keepBusy(first, 6);
          const seconds = await lab.until(
            'its share falls below a third',
            async () => (await share()) < 1 / 3,
            420,
          );
          note(
            `after ${seconds} s: ${[...(await weights())].join(' ')}; ${await first.sh('cat /proc/loadavg')}`,
          );
          const kept = await fileOfPolling();
          for (const [address, weight] of await weights())
            assert.match(kept, new RegExp(` ${address}:${PORT} ${weight}$`, 'm'));
          const expected = ASKED * (await share());
          const answers = await ask(lab.client, 'udp', VIP, PORT, ASKED);
          note(`of ${ASKED}: ${JSON.stringify(answers)}`);
          // Each answer by a connection of its own, in turns: one more or less, where a poll falls in between two.
          assert.ok(
            Math.abs((answers[first.name] ?? 0) - expected) <= 3,
            `${JSON.stringify(answers)}, not ${expected}`,
          );
          assert.match(await sh('lvsctl log -o json'), /"event":"weighed"/);
          await end();
        },
      );
      await check('its load ends: with cron its weight rises, and there was nothing to mail', async () => {
        const low = await share();
        const seconds = await lab.until('its share rises', async () => (await share()) > low, 150);
        note(`after ${seconds} s: ${[...(await weights())].join(' ')}`);
        assert.equal(await mails(), mailsBefore);
        note(await sh('lvsctl weights history'));
        note(await sh('lvsctl weights explain'));
      });
    });
  },
};
