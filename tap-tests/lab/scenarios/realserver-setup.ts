import assert from 'node:assert/strict';
import { arpAnswers, ask, serve } from '../../../src/lab/acts.js';
import { differences } from '../../../src/lab/kernel-table.js';
import type { Host, Lab } from '../../../src/lab/lab.js';
import { type Check, folderOf, type Scenario, withCluster } from '../harness.js';
import { settingsOf } from '../host-state.js';
import { installLvsctl, patiently } from '../lvsctl.js';

const SCRIPT = '/usr/local/sbin/realserver.lvs.dr';
const VERB = 'lvsctl realserver-setup';
const [VIP, VIP6, FAR] = ['192.168.45.26', '2001:db8:45::26', '192.168.45.28'];

const description = (vipOn: string): string => `version: 1
directors:
  - { name: midas, address: 192.168.45.23, address6: "2001:db8:45::23", interface: eth0 }
  - { name: estepe, address: 192.168.45.204, address6: "2001:db8:45::204", interface: eth0 }
failover: { by: heartbeat }
real_servers: { interface: eth0, vip_on: ${vipOn} }
hosts:
  web1: { address: 192.168.45.13, address6: "2001:db8:45::13" }
  web2: { address: 192.168.45.43, address6: "2001:db8:45::43" }
  far1: { address: 198.51.100.7 }
services:
  - { name: web, address: ${VIP}, port: 80, scheduler: rr, servers: [ web1, web2 ] }
  - { name: web6, address: "${VIP6}", port: 80, scheduler: rr, servers: [ web1, web2 ] }
  - { name: far, address: ${FAR}, port: 80, forwarding: tunnel, servers: [ { host: far1, tunnel: { type: ipip } } ] }
`;
const PLACES = ['lo', 'dummy0', 'tunl0', 'filter'] as const;
const [FIRST] = PLACES.map(description) as [string];
/** The first director serves, too. With heartbeat an active director has the daemons of both roles. */
const BOTH = FIRST.replace('by: heartbeat', 'by: vrrp').replace(
  /(name: web, .* servers: \[ )web1,/,
  '$1web1, 192.168.45.23,',
);

const BY_HEARTBEAT = BOTH.replace('by: vrrp', 'by: heartbeat');

async function setUp(lab: Lab, host: Host, options = ''): Promise<string> {
  const { exitCode, stdout, stderr } = await patiently(lab, host, `${VERB} ${options}`);
  assert.equal(exitCode, 0, `${host.name} ${options}: ${stdout}${stderr}`);
  return stdout + stderr;
}

async function exits(lab: Lab, host: Host, options: string, code: number): Promise<string> {
  const { exitCode, stdout, stderr } = await patiently(lab, host, `${VERB} ${options}`);
  assert.equal(exitCode, code, `${host.name} ${options}: ${stdout}${stderr}`);
  return stdout + stderr;
}

const describe = (host: Host, text: string): Promise<string> =>
  host.sh('mkdir -p /etc/lvsctl && cat >/etc/lvsctl/lvs.yaml', text);

/** What every one of these scenarios stands on: the hosts with the verb, and how they were. */
interface Stage {
  readonly lab: Lab;
  readonly web1: Host;
  readonly each: <T>(work: (host: Host) => Promise<T>) => Promise<T[]>;
  readonly served: () => Promise<void>;
  readonly restored: () => Promise<void>;
}

async function stage(lab: Lab): Promise<Stage> {
  const servers = lab.role('server');
  const web1 = lab.host('web1');
  const each = async <T>(work: (host: Host) => Promise<T>): Promise<T[]> => Promise.all(servers.map(work));
  await each(async host => {
    await installLvsctl(host);
    // What a tunnel's device got when it was up for the first time, it keeps.
    await host.sh('modprobe ipip; ip link set tunl0 up; ip link set tunl0 down');
  });
  const before = await each(settingsOf);
  await each(host => serve(host, 'tcp:0.0.0.0:80', 'tcp:[::]:80'));
  await lab.host('midas').sh('/etc/init.d/director.lvs.dr start');
  return {
    lab,
    web1,
    each,
    restored: async () => {
      const after = await each(settingsOf);
      for (const [index, host] of servers.entries())
        assert.deepEqual(differences(before[index]!, after[index]!), [], host.name);
    },
    served: async () => {
      for (const vip of [VIP, VIP6])
        assert.deepEqual(await ask(lab.client, 'tcp', vip, 80, 4), { web1: 2, web2: 2 }, vip);
      assert.deepEqual(await ask(lab.client, 'tcp', FAR, 80, 2), { far1: 2 });
      assert.equal(await arpAnswers(lab.client, VIP), 1);
      assert.match(await web1.sh('ip -4 route get 192.168.45.254'), / src 192\.168\.45\.13 /);
      assert.match(await web1.sh('ip -6 route get 2001:db8:45::99'), / src 2001:db8:45::13 /);
    },
  };
}

/** The verb on real servers: what it sets up is served, and the script without Node and it undo each other's work. */
export const realServerSetup: Scenario = {
  name: 'realserver-setup',
  descriptions: [FIRST],
  onlyNamed: true,
  async run(check) {
    await withCluster(FIRST, async lab => {
      const set = await stage(lab);
      await check('served, one machine answers ARP, and twice is once', async () => {
        await set.each(async host => {
          await describe(host, FIRST);
          await exits(lab, host, '--check', 2);
          assert.match(await setUp(lab, host), /^# /m);
        });
        await set.served();
        await exits(lab, set.web1, '--check', 0);
        assert.match(await setUp(lab, set.web1), /nothing to do/);
      });
      await checkBothWays(set, check, 'lo');
      await checkVips(set, check);
      await checkPersistence(set, check);
    });
  },
};

/** The same with the VIPs elsewhere. Another host has the script alone, so that Node does not take all the time. */
export const realServerSetupPlaces: Scenario = {
  name: 'realserver-setup-places',
  descriptions: PLACES.map(description),
  onlyNamed: true,
  async run(check) {
    await withCluster(FIRST, async lab => {
      const set = await stage(lab);
      for (const vipOn of PLACES.slice(1)) {
        const text = description(vipOn);
        await check(`VIPs on ${vipOn}: served, and one machine answers ARP`, async () => {
          await set.each(async host => {
            await lab.install(host, `${folderOf(text)}/trees/realserver`);
            await describe(host, text);
            if (host !== set.web1) await host.sh(`${SCRIPT} start`);
          });
          assert.match(await setUp(lab, set.web1), /^# /m);
          await set.served();
        });
        await checkBothWays(set, check, vipOn);
      }
    });
  },
};

async function checkBothWays(
  { lab, web1, each, served, restored }: Stage,
  check: Check,
  vipOn: string,
): Promise<void> {
  await check(`VIPs on ${vipOn}: the script without Node finds them in place, and undoes them`, async () => {
    await each(async host => {
      assert.equal(await host.sh(`${SCRIPT} status`), 'running');
      assert.equal((await host.run(`${SCRIPT} start`)).stderr, '');
      await host.sh(`${SCRIPT} stop`);
    });
    await restored();
  });
  await check(`VIPs on ${vipOn}: the verb finds in place what the script set up, and undoes it`, async () => {
    await each(host => host.sh(`${SCRIPT} start`));
    await exits(lab, web1, '--check', 0);
    await served();
    await each(host => (host === web1 ? setUp(lab, host, '--undo') : host.sh(`${SCRIPT} stop`)));
    await restored();
  });
}

async function checkVips({ lab, web1, restored }: Stage, check: Check): Promise<void> {
  await check('--vip alone, without a description: served, and undone', async () => {
    await web1.sh('rm /etc/lvsctl/lvs.yaml');
    const told = await setUp(lab, web1, `--vip ${VIP} --vip ${VIP6}`);
    assert.match(told, /^# ip addr add 192\.168\.45\.26\/32 dev lo scope host$/m);
    await lab.host('midas').sh(`ipvsadm -d -t ${VIP}:80 -r 192.168.45.43`);
    assert.deepEqual(await ask(lab.client, 'tcp', VIP, 80, 2), { web1: 2 });
    assert.equal(await arpAnswers(lab.client, VIP), 1);
    assert.match(await exits(lab, web1, `--vip ${VIP}`, 0), /ip addr del 2001:db8:45::26\/128/);
    await exits(lab, web1, `--vip ${VIP} --interface eth9`, 78);
    await exits(lab, web1, '--vip 192.168.45.999', 64);
    await setUp(lab, web1, '--undo');
    await setUp(lab, web1, `--vip ${FAR} --vip-on tunl0`);
    assert.match(await web1.sh('ip -o addr show dev tunl0'), /192\.168\.45\.28\/32/);
    await setUp(lab, web1, `--vip ${VIP} --vip-on filter`);
    assert.match(await web1.sh('nft list ruleset'), /ip daddr 192\.168\.45\.26 [^]*redirect/);
    await setUp(lab, web1, '--undo');
    await restored();
  });
}

async function checkPersistence({ lab, web1, restored }: Stage, check: Check): Promise<void> {
  await check('--persist makes the unit and its files, and --undo takes just those away', async () => {
    const ours =
      '/etc/systemd/system/lvs-realserver.service /etc/lvsctl/realserver.conf /usr/local/sbin/realserver.lvs.dr /usr/local/lib/lvsctl/realserver.awk';
    await web1.sh(`rm -f ${ours}`);
    await describe(web1, FIRST);
    await exits(lab, web1, '--persist --check', 2);
    await setUp(lab, web1, '--persist');
    await web1.sh(`ls ${ours} /etc/systemd/system/multi-user.target.wants/lvs-realserver.service`);
    assert.equal(await web1.sh(`${SCRIPT} status`), 'running');
    await exits(lab, web1, '--persist --check', 0);
    assert.match(await setUp(lab, web1, '--persist'), /nothing to do/);
    await setUp(lab, web1, '--undo');
    assert.equal(await web1.sh(`ls ${ours} 2>/dev/null | cat`), '');
    assert.equal(await web1.sh('find /etc/systemd/system -name "lvs-realserver*"'), '');
    await restored();
  });
}

async function become(host: Host, state: 'master' | 'backup'): Promise<void> {
  const other = state === 'master' ? 'backup' : 'master';
  const [add, check] = state === 'master' ? ['add', ''] : ['del', '|| :'];
  // As keepalived does it, which has one of the daemons at a time.
  await host.sh(
    `ipvsadm --stop-daemon ${other} 2>/dev/null || :
     ipvsadm --start-daemon ${state} --mcast-interface eth0 --syncid 51 2>/dev/null || :
     ip addr ${add} ${VIP}/24 dev eth0 2>/dev/null ${check}
     [ ${state} = backup ] || arping -q -U -c 1 -w 1 -I eth0 ${VIP} || :`,
  );
}

/** A director is no real server unless it is declared as one. */
export const realServerSetupDirector: Scenario = {
  name: 'realserver-setup-director',
  onlyNamed: true,
  descriptions: [FIRST, BOTH, BY_HEARTBEAT],
  async run(check) {
    await withCluster(BOTH, async lab => {
      const [midas, estepe] = [lab.host('midas'), lab.host('estepe')];
      await installLvsctl(midas);
      await check('a director is refused, by the description and by --vip', async () => {
        const before = await settingsOf(midas);
        await describe(midas, FIRST);
        for (const options of ['', `--vip ${VIP}`])
          assert.match(await exits(lab, midas, options, 64), /is a director of/);
        assert.deepEqual(differences(before, await settingsOf(midas)), []);
      });
      const before = await settingsOf(midas);
      const shared = async (): Promise<void> => {
        assert.deepEqual(await ask(lab.client, 'tcp', VIP, 80, 6), { web1: 2, web2: 2, midas: 2 });
        assert.equal(await arpAnswers(lab.client, VIP), 1);
      };
      await check('a director that serves, standing by, keeps what the active one sends it', async () => {
        for (const name of ['web1', 'web2']) await lab.host(name).sh(`${SCRIPT} start`);
        await describe(midas, BOTH);
        assert.match(await setUp(lab, midas), /^# ip addr add 192\.168\.45\.26\/32 dev lo scope host$/m);
        for (const host of [midas, lab.host('web1'), lab.host('web2')]) await serve(host, 'tcp:0.0.0.0:80');
        for (const host of [midas, estepe]) await host.sh('/etc/init.d/director.lvs.dr start');
        assert.equal(await midas.sh('cat /proc/sys/net/ipv4/vs/backup_only'), '1');
        await become(midas, 'backup');
        await become(estepe, 'master');
        await shared();
      });
      await check('active, with the VIP on its interface, too, it shares with the others', async () => {
        await become(estepe, 'backup');
        await become(midas, 'master');
        assert.match(await midas.sh('ip -o addr show'), /eth0 +inet 192\.168\.45\.26\//);
        await exits(lab, midas, '--check', 0);
        await shared();
      });
      await check('undone, it is a director as before', async () => {
        await setUp(lab, midas, '--undo');
        assert.match(await midas.sh('ip -o addr show'), /eth0 +inet 192\.168\.45\.26\//);
        await become(midas, 'backup');
        assert.deepEqual(differences(before, await settingsOf(midas)), []);
      });
    });
    await check('with heartbeat, where both sync daemons run, it shares on either side, too', async () => {
      await withCluster(BY_HEARTBEAT, async lab => {
        const [midas, estepe] = [lab.host('midas'), lab.host('estepe')];
        for (const host of [midas, lab.host('web1'), lab.host('web2')]) {
          await host.sh(`${SCRIPT} start`);
          await serve(host, 'tcp:0.0.0.0:80');
        }
        for (const host of [midas, estepe]) await host.sh('/etc/init.d/director.lvs.dr standby');
        for (const [active, standby] of [
          [midas, estepe],
          [estepe, midas],
        ] as const) {
          await standby.sh('/etc/init.d/director.lvs.dr stop && /etc/init.d/director.lvs.dr standby');
          await active.sh('/etc/init.d/director.lvs.dr start');
          assert.deepEqual(await ask(lab.client, 'tcp', VIP, 80, 6), { web1: 2, web2: 2, midas: 2 });
        }
      });
    });
  },
};
