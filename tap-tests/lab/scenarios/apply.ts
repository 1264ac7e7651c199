import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { serve } from '../../../src/lab/acts.js';
import { Held } from '../../../src/lab/held.js';
import { tableDifferences } from '../../../src/lab/kernel-table.js';
import type { Host, Lab } from '../../../src/lab/lab.js';
import { lossesOf, Watch } from '../../../src/lab/watch.js';
import { clusterOf, PROJECT, RESULTS, type Scenario, withCluster } from '../harness.js';
import { note } from '../notes.js';

const VIP = '192.168.45.26';
const HEAD = `version: 1
directors: [ { name: midas, address: 192.168.45.23, interface: eth0 } ]
hosts:
  web1: { address: 192.168.45.13 }
  web2: { address: 192.168.45.43 }
  web3: { address: 192.168.45.44 }
services:
`;

function web(...servers: string[]): string {
  return `  - { name: web, address: ${VIP}, port: 80, scheduler: wrr, servers: [ ${servers.join(', ')} ] }\n`;
}

const OTHER = `  - { name: other, address: ${VIP}, port: 81, servers: [ web3 ] }\n`;
const OLD = HEAD + web('web1', 'web2') + OTHER;
const NEW = `${HEAD}${web('{ host: web1, weight: 5 }', 'web2', 'web3')}  - { name: third, address: ${VIP}, port: 82, servers: [ web2 ] }\n`;
/** Debian 12's kernel was built without it. */
const REFUSED = `${NEW}  - { name: fourth, address: ${VIP}, port: 83, scheduler: twos, servers: [ web2 ] }\n`;

/** Somebody else's. */
const FOREIGN = '10.0.0.99:9';

const LVSCTL = `${PROJECT}/node ${PROJECT}/dist/main.js`;

/** A director with an empty table but for somebody else's service, in front of servers that serve. */
async function withDirector(work: (at: Stage) => Promise<void>): Promise<void> {
  await withCluster(OLD, async lab => {
    const midas = lab.host('midas');
    await put(midas, { old: OLD, new: NEW, refused: REFUSED });
    const servers = lab.role('server');
    await Promise.all(servers.map(one => one.sh('/usr/local/sbin/realserver.lvs.dr start')));
    await Promise.all(servers.map(one => serve(one, `tcp:${VIP}:80`, `tcp:${VIP}:81`, `tcp:${VIP}:82`)));
    await midas.sh(`/etc/init.d/director.lvs.dr start; ipvsadm -C; ipvsadm -A -t ${FOREIGN} -s rr`);
    await work({
      lab,
      midas,
      lvsctl: line => midas.sh(`${LVSCTL} ${line}`),
    });
  });
}

interface Stage {
  readonly lab: Lab;
  readonly midas: Host;
  readonly lvsctl: (line: string) => Promise<string>;
}

/** What lvsctl does to a live table. */
export const apply: Scenario = {
  name: 'apply',
  descriptions: [OLD],
  async run(check) {
    await withDirector(async ({ lab, midas, lvsctl }) => {
      await check('apply fills an empty table; the plan of what was applied is empty', async () => {
        assert.match(await lvsctl('apply -f /tmp/old.yaml --reason first'), /^generation 1 runs$/m);
        await lvsctl('plan -f /tmp/old.yaml');
        assert.match(await midas.sh('ipvsadm -Sn'), /^-A -t 10\.0\.0\.99:9 -s rr$/m);
        assert.equal(
          await lvsctl('apply -f /tmp/old.yaml 2>&1'),
          'nothing to change\nnote: 1 service not in the description, left alone (--foreign names them)',
        );
      });
      await check(
        'while servers and weights change no new connection is lost, and old ones live',
        async () => {
          const held = [await Held.open(lab.client, VIP, 80), await Held.open(lab.client, VIP, 80)];
          const watch = await Watch.start(lab.client, [{ address: VIP, port: 80, protocol: 'tcp' }], 20);
          for (const name of ['new', 'old', 'new', 'old']) await lvsctl(`apply -f /tmp/${name}.yaml`);
          const losses = lossesOf(await watch.stop());
          note(`${losses.requests} requests during four applies`);
          assert.equal(losses.lost, 0, JSON.stringify(losses));
          assert.ok(losses.requests > 50, JSON.stringify(losses));
          for (const one of held) assert.match(await one.say(), /^web[12]$/);
        },
      );
      await check('what the kernel refuses is told with its line, and all of it is taken back', async () => {
        const before = await midas.sh('ipvsadm -Sn');
        const { exitCode, stderr } = await midas.run(`${LVSCTL} apply -f /tmp/refused.yaml`);
        assert.equal(exitCode, 1, stderr);
        assert.match(
          stderr,
          /refused `ipvsadm -A -t \S+:83 -s twos`: Scheduler or persistence engine not found/,
        );
        assert.match(stderr, /all of it is taken back\n {2}help: this kernel lacks the module ip_vs_twos/);
        assert.deepEqual(sorted(await midas.sh('ipvsadm -Sn')), sorted(before));
      });
    });
  },
};

/** As many applies as a busy week has, under load. */
export const applyHundred: Scenario = {
  name: 'apply-hundred',
  descriptions: [OLD],
  onlyNamed: true,
  limit: 1300,
  async run(check) {
    await withDirector(async ({ lab, lvsctl }) => {
      await check('a hundred applies of weights, added and removed servers lose nothing', async () => {
        await lvsctl('apply -f /tmp/old.yaml');
        const watch = await Watch.start(lab.client, [{ address: VIP, port: 80, protocol: 'tcp' }], 20);
        for (let round = 0; round < 50; round++)
          for (const name of ['new', 'old']) await lvsctl(`apply -f /tmp/${name}.yaml`);
        const losses = lossesOf(await watch.stop());
        writeFileSync(`${RESULTS}/apply-hundred.json`, JSON.stringify(losses));
        note(`${losses.requests} requests`);
        assert.equal(losses.lost, 0, JSON.stringify(losses));
        assert.ok(losses.requests > 2000, JSON.stringify(losses));
      });
    });
  },
};

/** What takes it back. */
export const applyBack: Scenario = {
  name: 'apply-back',
  descriptions: [OLD, NEW],
  async run(check) {
    await withDirector(async ({ lab, midas, lvsctl }) => {
      const wanted = { old: clusterOf(OLD), new: clusterOf(NEW) };
      // Its plan would say so as well, but takes seconds to start.
      const isTable = async (name: keyof typeof wanted): Promise<boolean> =>
        (await tableDifferences(wanted[name], midas)).every(one => one.includes(FOREIGN));
      await check('--confirm takes itself back, also when its session has died', async () => {
        await lvsctl('apply -f /tmp/old.yaml');
        await midas.sh(
          `setsid sh -c '${LVSCTL} apply -f /tmp/new.yaml --confirm 10s >/tmp/out; echo done >/tmp/done; sleep 99' </dev/null >/dev/null 2>&1 & pid=$!
           until [ -e /tmp/done ]; do sleep 0.2; done; kill -s KILL -- "-$pid"`,
        );
        assert.match(await midas.sh('cat /tmp/out'), /it is taken back at .+ unless/);
        await lab.until(
          'the old table is back',
          async () => !(await midas.sh('ipvsadm -Sn')).includes(`${VIP}:82`),
          90,
        );
        await lab.until('it is whole', () => isTable('old'), 60);
      });
      await check('whoever reads its output may go: what has begun is ended', async () => {
        await midas.sh(`${LVSCTL} apply -f /tmp/new.yaml 2>&1 | true`);
        await lab.until('it is done', () => isTable('new'));
        await midas.sh('! [ -e /var/lib/lvsctl/intent.json ]');
        await lvsctl('apply -f /tmp/old.yaml');
      });
      await check('confirmed in time it stays; rollback goes back', async () => {
        await lvsctl('apply -f /tmp/new.yaml --confirm 60s');
        await lvsctl('confirm');
        assert.ok(await isTable('new'));
        await lvsctl('rollback --reason "too early"');
        assert.ok(await isTable('old'));
        assert.match(await lvsctl('history'), /^\* \d+ .* rollback to \d+; too early$/m);
      });
      await check(
        '--wait lets the connections of what goes end, or cuts them when the time is up',
        async () => {
          const held = await Held.open(lab.client, VIP, 81);
          const { stderr } = await midas.run(`${LVSCTL} apply -f /tmp/new.yaml --wait 3s`);
          assert.match(stderr, /^1 connection left; waiting at most [1-3] s more$/m);
          assert.match(stderr, /warning: the time is up: 1 connection is cut$/m);
          assert.ok(await isTable('new'));
          assert.equal(await held.say(), '-');
        },
      );
      await check('without privilege nothing changes, and it says so', async () => {
        const { exitCode, stderr } = await midas.run(
          `setpriv --reuid 65534 --clear-groups ${LVSCTL} apply -f /tmp/old.yaml`,
        );
        assert.equal(exitCode, 77, stderr);
        assert.ok(await isTable('new'));
      });
    });
  },
};

/** Seconds after the intent is on the disk. Half a second of the change is the grace for new connections. */
const KILLS = [0, 0.3, 0.6, 1.5];

/** lvsctl, killed while it changes a live table. */
export const applyKilled: Scenario = {
  name: 'apply-killed',
  descriptions: [OLD],
  async run(check) {
    await withCluster(OLD, async lab => {
      const midas = lab.host('midas');
      const table = async (): Promise<string> => sorted(await midas.sh('ipvsadm -Sn')).join('\n');
      /** The port that only the new description has, in the generation that runs. */
      const runs = async (): Promise<string> =>
        await midas.sh(
          'cd /var/lib/lvsctl/generations; if grep -q "name: third" current; then echo new; else echo old; fi',
        );
      await put(midas, { old: OLD, new: NEW });
      await midas.sh('modprobe ip_vs');
      const tables: Record<string, string> = {};

      await check('kill -9 at any moment: the next run leaves the old state or the new one', async () => {
        await midas.sh(`${LVSCTL} apply -f /tmp/old.yaml`);
        tables['old'] = await table();
        await midas.sh(`${LVSCTL} apply -f /tmp/new.yaml`);
        tables['new'] = await table();
        let recovered = 0;
        let state = 'new';
        for (const wait of KILLS) {
          const other = state === 'new' ? 'old' : 'new';
          await midas.run(
            `${LVSCTL} apply -f /tmp/${other}.yaml >/dev/null 2>&1 & pid=$!
             perl -e 'select undef, undef, undef, 0.02 until -e "/var/lib/lvsctl/intent.json"'
             sleep ${wait}; kill -9 $pid; wait`,
          );
          const { stderr } = await midas.run(`${LVSCTL} tick`);
          state = await runs();
          const what = `on the way to the ${other} one, killed ${wait} s after its begin: ${state}${stderr === '' ? '' : ', recovered'}`;
          assert.equal(await table(), tables[state], what + stderr);
          await midas.sh('! [ -e /var/lib/lvsctl/intent.json ]');
          if (stderr !== '') recovered++;
          note(what);
        }
        assert.ok(recovered > 1, `${recovered} were killed in the middle`);
      });
    });
  },
};

async function put(host: Host, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(files)) await host.sh(`cat >/tmp/${name}.yaml`, text);
}

function sorted(rules: string): string[] {
  return rules.split('\n').toSorted();
}
