import assert from 'node:assert/strict';
import { arpAnswers, ask } from '../../../src/lab/acts.js';
import { Held } from '../../../src/lab/held.js';
import { realServer, type Scenario, withCluster } from '../harness.js';
import { installLvsctl, must, patiently } from '../lvsctl.js';
import { note } from '../notes.js';

const VIP = '192.168.45.26';
const VIP6 = '2001:db8:45::26';
const MARKED = '192.168.45.28';
const DESCRIPTION = `version: 1
directors: [ { name: midas, address: 192.168.45.23, address6: "2001:db8:45::23", interface: eth0 } ]
real_servers: { interface: eth0 }
hosts:
  web1: { address: 192.168.45.13, address6: "2001:db8:45::13" }
  web2: { address: 192.168.45.43 }
services:
  - { name: web, address: ${VIP}, port: 80, scheduler: wrr, servers: [ web1, web2 ] }
  - { name: web6, address: "${VIP6}", port: 80, servers: [ "2001:db8:45::13" ] }
  - { name: shop, fwmark: 7, match: [ { address: ${MARKED}, port: 443 } ], servers: [ web1 ] }
`;
const SCRIPT = '/etc/init.d/director.lvs.dr';

/** All that a start or a stop changes on a machine, once the kernel knows that no address is anybody else's. */
const STATE = `ipvsadm -Sn | sort
  ip -o addr show | sed 's/valid_lft.*//; s/ tentative / /; s/^[0-9]*: //' | sort
  nft list ruleset
  cd /proc/sys/net && grep . ipv4/vs/* ipv4/ip_forward ipv4/conf/*/send_redirects ipv6/conf/eth0/*_notify ipv6/conf/eth0/dad_*`;

/** The verb does what the rendered script does, and knows besides what was said of the servers. */
export const directorVerb: Scenario = {
  name: 'director-verb',
  onlyNamed: true,
  descriptions: [DESCRIPTION],
  async run(check) {
    await withCluster(DESCRIPTION, async lab => {
      const midas = lab.host('midas');
      for (const web of lab.role('server'))
        await realServer(web, 'tcp:0.0.0.0:80', 'tcp:[::]:80', 'tcp:0.0.0.0:443');
      const state = (): Promise<string> => midas.sh(STATE);
      const sh = (script: string): Promise<string> => must(lab, midas, script);
      const by: Record<string, string> = {};
      let held: Held | undefined;

      await check('what the script does where nothing was applied, told before the verb', async () => {
        await sh(`${SCRIPT} start 2>/dev/null`);
        by['start'] = await state();
        await sh(`${SCRIPT} stop 2>/dev/null`);
        by['stop'] = await state();
        assert.notEqual(by['start'], by['stop']);
      });
      await check('apply, stop and start do what the script did, line for line', async () => {
        await installLvsctl(midas);
        await midas.sh('cat >/tmp/lvs.yaml', DESCRIPTION);
        await sh('lvsctl apply -f /tmp/lvs.yaml');
        assert.equal(await state(), by['start']);
        await sh('lvsctl director stop');
        assert.equal(await state(), by['stop']);
        const dry = await sh('lvsctl director start -n');
        const { stderr, stdout } = await patiently(lab, midas, 'lvsctl director start');
        assert.equal(stdout, '');
        assert.equal(stderr, dry);
        assert.equal(await state(), by['start']);
        await sh('lvsctl director start');
        assert.equal(await state(), by['start']);
      });
      await check(
        'clients are served, by address and by mark, and their neighbours know the director',
        async () => {
          assert.deepEqual(await ask(lab.client, 'tcp', VIP, 80, 4), { web1: 2, web2: 2 });
          assert.deepEqual(await ask(lab.client, 'tcp', VIP6, 80, 2), { web1: 2 });
          assert.deepEqual(await ask(lab.client, 'tcp', MARKED, 443, 2), { web1: 2 });
          assert.equal(await arpAnswers(lab.client, VIP), 1);
          held = await Held.open(lab.client, VIP, 80);
        },
      );
      await check('status: running and 0; the script asks the verb', async () => {
        const { stdout, stderr, exitCode } = await patiently(lab, midas, `${SCRIPT} status`);
        assert.deepEqual([stdout, stderr, exitCode], ['running', '', 0]);
      });
      await check('stop is what the script did; status: stopped and 3, with what is missing', async () => {
        await sh(`${SCRIPT} stop`);
        assert.equal(await state(), by['stop']);
        const { stdout, stderr, exitCode } = await patiently(lab, midas, 'lvsctl director status');
        assert.deepEqual([stdout, exitCode], ['stopped', 3], stderr);
        assert.match(stderr, new RegExp(`^missing: ${VIP}/32 on eth0$`, 'm'));
        assert.equal(await arpAnswers(lab.client, VIP), 0);
      });
      await check('a start that is killed at any moment is completed by the next', async () => {
        for (const wait of [0.4, 1]) {
          await patiently(
            lab,
            midas,
            `lvsctl director start >/dev/null 2>/tmp/told & pid=$!
             until [ -s /tmp/told ] || ! kill -0 $pid; do sleep 0.02; done
             sleep ${wait}; kill -9 $pid; wait`,
          );
          note(`killed ${wait} s after its first command: ${(await midas.sh('tail -n 1 /tmp/told')).trim()}`);
          await sh('lvsctl director start');
          assert.equal(await state(), by['start']);
          if (wait < 1) await sh('lvsctl director stop');
        }
      });
      await check('the connection from before all that lives on', async () => {
        assert.match(await held!.say(), /^web[12]$/);
      });
      await check('a drained server is drained after a stop and a start', async () => {
        await midas.sh('cat >/var/lib/lvsctl/operator.json', DRAINED);
        await sh(`${SCRIPT} restart`);
        assert.deepEqual(await ask(lab.client, 'tcp', VIP, 80, 4), { web2: 4 });
      });
    });
  },
};

const DRAINED = JSON.stringify({
  version: 1,
  entries: [
    {
      service: `${VIP}:80/tcp`,
      server: '192.168.45.13:80',
      drain: { author: 'ada', since: { at: '2026-11-21T02:00:00.000Z', boot: '', up: 0 } },
      revision: 1,
      host: 'midas',
    },
  ],
});
