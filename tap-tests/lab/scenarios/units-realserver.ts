import assert from 'node:assert/strict';
import { arpAnswers, ask, serve } from '../../../src/lab/acts.js';
import type { BootedHost } from '../../../src/lab/booted.js';
import type { Scenario } from '../harness.js';
import { assertCronReads, assertHealthy, assertStoppedWell, putToWork, runJob, withUnits } from '../units.js';
import { settingsOf } from '../host-state.js';
import { differences } from '../../../src/lab/kernel-table.js';
import { installLvsctl, must } from '../lvsctl.js';
import { note } from '../notes.js';

const VIP = '192.168.45.26';
/** The client, which nobody else has: the highest free address. */
const SOURCE = '192.168.45.254';
const VIP6 = '2001:db8:45::26';
const description = (vipOn: string): string => `version: 1
directors: [ { name: midas, address: 192.168.45.23, address6: "2001:db8:45::23", interface: eth0 } ]
real_servers:
  interface: eth0
  vip_on: ${vipOn}
  content: { from: "${SOURCE}::www/", to: /srv/www/, schedule: "*/10 * * * *" }
hosts: { web1: { address: 192.168.45.13, address6: "2001:db8:45::13" } }
services:
  - { name: web, address: ${VIP}, port: 80, servers: [ web1 ] }
  - { name: web6, address: "${VIP6}", port: 80, servers: [ web1 ] }
`;
const UNIT = 'lvs-realserver';

/** A real server under systemd, without Node: its unit's hardening leaves it what it needs. */
function scenario(name: string, vipOn: 'dummy0' | 'filter'): Scenario {
  const text = description(vipOn);
  return {
    name,
    descriptions: [text],
    async run(check) {
      await withUnits(text, async units => {
        const { lab } = units;
        await lab.host('midas').sh('/etc/init.d/director.lvs.dr start');
        let web = await units.boot('web1', 'cron');
        const before = await settingsOf(web);
        const serving = async (host: BootedHost): Promise<void> => {
          assert.equal(await host.sh('/usr/local/sbin/realserver.lvs.dr status'), 'running');
          assert.deepEqual(await ask(lab.client, 'tcp', VIP, 80, 2), { web1: 2 });
          assert.deepEqual(await ask(lab.client, 'tcp', VIP6, 80, 2), { web1: 2 });
          assert.equal(await arpAnswers(lab.client, VIP), 1);
        };

        await check(`what configure says is to be done makes the host a real server`, async () => {
          await serve(web, 'tcp:0.0.0.0:80', 'tcp:[::]:80');
          const steps = await putToWork(units, web);
          note(steps.join('; '));
          await serving(web);
        });
        await check(`reloads and restarts, also of nftables, leave it serving`, async () => {
          await web.sh(`systemctl reload ${UNIT}`);
          await serving(web);
          for (const verb of ['start', 'reload', 'restart']) {
            await web.sh(`systemctl ${verb} nftables`);
            // It reloads our unit in the background.
            await lab.until(`it serves after ${verb}`, async () => {
              const status = await web.run('/usr/local/sbin/realserver.lvs.dr status');
              return status.exitCode === 0;
            });
            await serving(web);
          }
          await web.sh(`systemctl restart ${UNIT}`);
          await serving(web);
          await assertHealthy(web, [UNIT]);
        });
        await check(`cron reads the content's line, and the line copies`, async () => {
          const job = '/etc/cron.d/lvsctl-content';
          await assertCronReads(lab, web, job);
          await lab.client.sh(
            'mkdir -p /srv/www && echo new >/srv/www/index.html && cat >/tmp/rsyncd.conf && rsync --daemon --config=/tmp/rsyncd.conf </dev/null',
            'pid file = /tmp/rsyncd.pid\nuse chroot = no\n[www]\npath = /srv/www\n',
          );
          await web.sh('mkdir -p /srv/www && echo old >/srv/www/gone.html');
          await runJob(web, job);
          assert.equal(await web.sh('cd /srv/www && grep -r .'), 'index.html:new');
        });
        await check(`a stop gives back what was found`, async () => {
          await web.sh(`systemctl stop ${UNIT}`);
          // Debian's own, of the start above.
          await web.sh('nft delete table inet filter');
          assert.deepEqual(differences(before, await settingsOf(web)), []);
          assert.equal((await web.run('/usr/local/sbin/realserver.lvs.dr status')).exitCode, 3);
        });
        await check(`after a reboot it is a real server without a hand`, async () => {
          await web.sh(`systemctl start ${UNIT}`);
          web = await units.reboot(web);
          await serve(web, 'tcp:0.0.0.0:80', 'tcp:[::]:80');
          await serving(web);
          await assertHealthy(web, [UNIT]);
          await assertStoppedWell(web, [UNIT]);
        });
      });
    },
  };
}

export const unitsRealServer = scenario('units-realserver', 'dummy0');
export const unitsRealServerFilter: Scenario = {
  ...scenario('units-realserver-filter', 'filter'),
  onlyNamed: true,
};

/** A real server that lvsctl itself sets up under systemd, for every boot. */
export const unitsRealServerSetup: Scenario = {
  name: 'units-realserver-setup',
  onlyNamed: true,
  descriptions: [description('filter')],
  async run(check) {
    await withUnits(description('filter'), async units => {
      const { lab } = units;
      await lab.host('midas').sh('/etc/init.d/director.lvs.dr start');
      let web = await units.boot('web1');
      await installLvsctl(web);
      await web.sh('mkdir -p /etc/lvsctl && cat >/etc/lvsctl/lvs.yaml', description('filter'));
      // A boot gives links numbers and addresses of their own.
      const settings = async (): Promise<string[]> =>
        (await settingsOf(web))
          .filter(line => !/ link\/(tunnel|gre|ether)/.test(line))
          .map(line => line.replace(/^\d+: /, ''));
      const before = await settings();
      const files = async (): Promise<string> =>
        web.sh('find /etc/systemd /etc/lvsctl /usr/local ! -type d | sort');
      const atFirst = await files();
      const serving = async (): Promise<void> => {
        await serve(web, 'tcp:0.0.0.0:80', 'tcp:[::]:80');
        assert.deepEqual(await ask(lab.client, 'tcp', VIP, 80, 2), { web1: 2 });
        assert.deepEqual(await ask(lab.client, 'tcp', VIP6, 80, 2), { web1: 2 });
        assert.equal(await arpAnswers(lab.client, VIP), 1);
      };

      await check(`--persist sets it up now, with its unit active`, async () => {
        await must(lab, web, 'lvsctl realserver-setup --persist');
        await serving();
        await assertHealthy(web, [UNIT]);
        assert.equal(
          await web.sh(`systemctl is-enabled ${UNIT}; systemctl is-active ${UNIT}`),
          'enabled\nactive',
        );
      });
      await check(`after a reboot it is a real server, and --check finds nothing to do`, async () => {
        web = await units.reboot(web);
        await serving();
        await assertHealthy(web, [UNIT]);
        await must(lab, web, 'lvsctl realserver-setup --persist --check');
      });
      await check(`--undo restores what was found, and the next boot brings nothing back`, async () => {
        await must(lab, web, 'lvsctl realserver-setup --undo');
        assert.deepEqual(differences(before, await settings()), []);
        assert.equal(await files(), atFirst);
        web = await units.reboot(web);
        assert.deepEqual(differences(before, await settings()), []);
        assert.equal(await web.sh(`systemctl list-unit-files --no-legend ${UNIT}.service || :`), '');
      });
    });
  },
};
