import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import type { Cluster } from '../../../src/cluster/cluster.js';
import { portNames } from '../../../src/config/port-names.js';
import { readDescription } from '../../../src/config/read.js';
import { readLive } from '../../../src/director/kernel.js';
import type { Host } from '../../../src/lab/lab.js';
import type { Files } from '../../../src/system/ports.js';
import { desired } from '../../../src/table/desired.js';
import { planTable } from '../../../src/table/plan.js';
import type { Live, Table } from '../../../src/table/table.js';
import { relatives } from '../../support/tables.js';
import { PROJECT, type Scenario, withCluster } from '../harness.js';
import { DESCRIPTION } from './table.js';

const EXAMPLES = ['tap-tests/examples/campus.yaml', 'tap-tests/examples/every-key.yaml', 'lvs.conf.example'];
/** Each some dozens of changes. */
const PAIRS = 8;

/** What the kernel holds is read whole, becomes a description, and is brought to any other table by a plan. */
export const kernelTable: Scenario = {
  name: 'kernel-table',
  descriptions: [DESCRIPTION],
  async run(check) {
    await withCluster(DESCRIPTION, async lab => {
      const midas = lab.host('midas');
      const { cluster } = lab;
      const lvsctl = `${PROJECT}/node ${PROJECT}/dist/main.js`;
      await midas.sh('cat >/tmp/lvs.yaml', DESCRIPTION);

      await check('before fill_table, plan would add everything and says so with exit code 2', async () => {
        await midas.sh('modprobe ip_vs');
        const { exitCode, stdout } = await midas.run(`${lvsctl} plan -f /tmp/lvs.yaml`);
        assert.equal(exitCode, 2, stdout);
        assert.match(stdout, /^\+ 10\.0\.0\.50:1000\/tcp {2}scheduler rr$/m);
      });
      await check('after fill_table the table is what the description wants: plan is empty', async () => {
        await midas.sh('fill_table');
        assert.deepEqual(steps(await live(midas), desired(cluster)), []);
        await midas.sh(`${lvsctl} plan -f /tmp/lvs.yaml`);
      });
      await check('show has every service, server and limit, as data and as text', async () => {
        const shown = JSON.parse(await midas.sh(`${lvsctl} show -o json`)) as Live['table'] & {
          sysctls: Record<string, string>;
        };
        assert.deepEqual(steps({ services: shown.services, timeouts: shown.timeouts }, desired(cluster)), []);
        assert.equal(shown.sysctls['sync_threshold'], '3 50');
        assert.match(await midas.sh(`${lvsctl} show`), /weight 0 +upper 2000 {2}lower 1500/);
      });
      await check('import kernel gives a description of which plan is empty', async () => {
        const marks = [
          '7=10.0.0.52:80',
          '4294967295=10.0.0.52:81/tcp',
          '8=[2001:db8::52]:80',
          '8=10.0.0.52:82',
          '4294967294=[2001:db8::52]:81',
        ].join(',');
        await midas.sh(`${lvsctl} import kernel --match '${marks}' >/tmp/imported.yaml`);
        await midas.sh(`${lvsctl} plan -f /tmp/imported.yaml`);
        await midas.sh(`ipvsadm -Sn >/tmp/rules; ${lvsctl} import ipvsadm --match '${marks}' /tmp/rules`);
      });
      await check("changes by hand are planned, and others' services are not", async () => {
        await midas.sh('ipvsadm -A -t 10.0.0.99:9 -s rr; ipvsadm -a -t 10.0.0.99:9 -r 10.0.0.98:9 -m -w 5');
        await midas.sh('ipvsadm -e -t 10.0.0.50:1000 -r 10.0.0.11 -g -w 9 -x 3; ipvsadm --set 0 0 77');
        await midas.sh('ipvsadm -a -t 10.0.0.50:1000 -r 10.0.0.97 -g');
        const { exitCode, stdout } = await midas.run(`${lvsctl} plan -f /tmp/lvs.yaml --foreign`);
        assert.equal(exitCode, 2);
        assert.match(
          stdout,
          /^~ 10\.0\.0\.50:1000\/tcp → 10\.0\.0\.11:1000 {2}weight 9 → 1 {2}upper 3 → none$/m,
        );
        assert.match(stdout, /^~ timeouts {2}udp 77s → 100s$/m);
        assert.match(stdout, /^− 10\.0\.0\.50:1000\/tcp → 10\.0\.0\.97:1000 {2}cuts 0 active, 0 inactive$/m);
        assert.match(stdout, /^ {2}10\.0\.0\.99:9\/tcp {2}not in the description, left alone$/m);
        assert.match(stdout, /^0 to add, 2 to change, 1 to remove$/m);
        await midas.sh('ipvsadm -D -t 10.0.0.99:9');
      });
      for (const example of EXAMPLES) {
        await check(`${example}: what its plan does to this table leaves nothing to do`, async () => {
          await become(midas, desired(await read(example)));
          const { exitCode, stdout, stderr } = await midas.run(`${lvsctl} plan -f ${PROJECT}/${example}`);
          assert.equal(exitCode, 0, stdout + stderr);
        });
      }
      await check(
        `from each of ${2 * PAIRS} tables to the next: the kernel has what was planned`,
        async () => {
          for (const pair of fc.sample(relatives, { seed: 45, numRuns: PAIRS }))
            for (const table of pair) await become(midas, possible(table));
        },
      );
      await check('without privilege, and without ipvsadm, it says so', async () => {
        const nobody = await midas.run(`setpriv --reuid 65534 --clear-groups ${lvsctl} show`);
        assert.equal(nobody.exitCode, 77, nobody.stderr);
        const bare = await midas.run(`PATH=/nowhere ${lvsctl} show`);
        assert.equal(bare.exitCode, 69, bare.stderr);
        assert.match(bare.stderr, /ipvsadm is missing/);
      });
    });
  },
};

/** The kernel's table, asked on the host. */
async function live(host: Host): Promise<Table> {
  const files = { look: () => Promise.resolve({ kind: 'other' }), list: () => Promise.resolve([]) };
  const { table } = await readLive({
    runner: {
      run: async (program, args) => {
        const result = await host.run([program, ...args].join(' '));
        return { ...result, missing: result.exitCode === 127 };
      },
      follow: () => Promise.reject(new Error('not here')),
    },
    files: files as unknown as Files,
  });
  return table;
}

/** The lines of the plan from one table to another; whatever is not wanted is ours. */
function steps(from: Table, to: Table): string[] {
  return planTable(from, to, { owned: () => true }).steps.map(({ line }) => line);
}

async function become(host: Host, wanted: Table): Promise<void> {
  const lines = steps(await live(host), wanted);
  const { stdout, stderr, exitCode } = await host.run('ipvsadm -R', lines.map(line => `${line}\n`).join(''));
  assert.deepEqual([stdout, stderr, exitCode], ['', '', 0], lines.join('\n'));
  assert.deepEqual(steps(await live(host), wanted), [], lines.join('\n'));
}

async function read(path: string): Promise<Cluster> {
  const ports = portNames(readFileSync('/etc/services', 'utf8'));
  const { cluster } = await readDescription(readFileSync(`${PROJECT}/${path}`), path, ports);
  return cluster!;
}

/** Debian 12's kernel was built without one scheduler, and takes no server that is its own network's broadcast address. */
function possible({ services, timeouts }: Table): Table {
  return {
    timeouts,
    services: services.map(one => ({
      ...one,
      scheduler: one.scheduler === 'twos' ? 'wrr' : one.scheduler,
      servers: one.servers.filter(({ address }) => !/^10\.0\.0\.(0|255)$/.test(address)),
    })),
  };
}
