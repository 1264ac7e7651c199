import assert from 'node:assert/strict';
import { arpAnswers } from '../../../src/lab/acts.js';
import type { Host, Lab } from '../../../src/lab/lab.js';
import { holds, startKeepalived } from '../daemons.js';
import { type Scenario, withCluster } from '../harness.js';
import { installLvsctl, must } from '../lvsctl.js';
import { note } from '../notes.js';
import { parseTables } from '../reliability/observed.js';
import { fileOf } from '../weights/load.js';
import { SCHEDULE, serverAddress, serverName, VIP } from '../weights/policies.js';
import { slowWorker, startAgent, startLoad, startWorker, watchTable } from '../weights/stage.js';

const SPEEDS = [1, 2, 4] as const;
const DESCRIPTION = `version: 1
directors:
  - { name: midas, address: 192.168.45.23, interface: eth0 }
  - { name: estepe, address: 192.168.45.204, interface: eth0 }
failover: { by: vrrp, advert_interval: 500ms }
real_servers: { interface: eth0 }
polling: { law: capacity, schedule: "${SCHEDULE}" }
hosts: { ${SPEEDS.map(one => `${serverName(one)}: { address: ${serverAddress(one)} }`).join(', ')} }
services: [ { name: web, address: ${VIP.address}, port: ${VIP.port}, scheduler: wlc, servers: [ ${SPEEDS.map(serverName).join(', ')} ] } ]
`;
/** Requests a second, and seconds of work at a speed of 1: the slowest could do a third of them for a while. */
const [RATE, WORK] = [15, 0.1];
/** Seconds: that requests come; that a client waits. */
const [LENGTH, PATIENCE] = [1200, 5];
/** Seconds that weights may take: some polls to know a capacity, and some to get there by a quarter each. */
const SETTLED = 150;
/** Seconds without a change: more than two polls. */
const QUIET = 12;
/** Of the kernel's integers, the smallest of which is about 50. */
const ROUNDING = 0.03;

/** A pair of directors that both poll: the active one alone writes, and whoever takes over goes on from what it has. */
export const pollFailover: Scenario = {
  name: 'poll-failover',
  onlyNamed: true,
  limit: 1200,
  descriptions: [DESCRIPTION],
  async run(check) {
    await withCluster(DESCRIPTION, async lab => {
      const [midas, estepe] = [lab.host('midas'), lab.host('estepe')];
      const servers = SPEEDS.map(speed => lab.host(serverName(speed)));

      await check(
        'both poll: the weights of the active one follow the capacity, the other writes none',
        async () => {
          for (const [index, server] of servers.entries()) {
            await startWorker(server, SPEEDS[index]!);
            await startAgent(server);
          }
          for (const one of [midas, estepe]) {
            await putToWork(lab, one);
            await must(lab, one, 'lvsctl apply');
            await startPolling(one);
            await lab.until('midas is active', () => holds(midas, VIP.address));
          }
          const requests = Array.from({ length: LENGTH * RATE }, (_, index) => ({
            at: index / RATE,
            work: WORK,
          }));
          await startLoad(lab, fileOf(requests), PATIENCE);
          const seconds = await lab.until('weights are as the speeds', () => isSettled(midas), SETTLED);
          note(`midas after ${seconds} s: ${told(await tables(midas))}`);
          assertGradual(await tables(midas));
          assert.deepEqual(await tables(estepe), [[1, 1, 1]]);
          await assertStandby(lab, estepe);
        },
      );

      let left: readonly number[] = [];
      await check(
        'the active one dies: the other begins with the weights that it has, and measures by itself',
        async () => {
          left = await weights(midas);
          const disk = await diskOf(midas);
          await midas.kill();
          const taken = await lab.until('estepe is active', () => holds(estepe, VIP.address));
          assert.deepEqual(await weights(estepe), [1, 1, 1]);
          const seconds = await lab.until('weights are as the speeds', () => isSettled(estepe), SETTLED);
          note(`taken over after ${taken} s; estepe ${seconds} s later: ${told(await tables(estepe))}`);
          assertGradual(await tables(estepe));
          await lab.restart(midas);
          await putBack(midas, disk);
        },
      );

      await check(
        'the first returns with the weights that it had, and leaves the addresses and the other’s weights alone',
        async () => {
          await putToWork(lab, midas);
          await startPolling(midas);
          assert.deepEqual(await weights(midas), left);
          const before = await weights(estepe);
          await slowWorker(servers.at(-1)!);
          const seconds = await lab.until(
            'estepe finds a server slower',
            async () => isSlower(await weights(estepe), before),
            SETTLED,
          );
          note(`slower after ${seconds} s: ${told(await tables(estepe))}`);
          assertGradual(await tables(estepe));
          assert.deepEqual(await tables(midas), [left]);
          await assertStandby(lab, midas);
          assert.ok(await holds(estepe, VIP.address));
        },
      );

      await check(
        'the other dies: the first goes on from its own last weights, not from those of the description',
        async () => {
          await estepe.kill();
          await lab.until('midas is active', () => holds(midas, VIP.address));
          assert.deepEqual(await weights(midas), left);
          const seconds = await lab.until(
            'midas finds the server slower',
            async () => isSlower(await weights(midas), left),
            SETTLED,
          );
          const all = await tables(midas);
          note(`slower after ${seconds} s: ${told(all)}`);
          assert.deepEqual(all[0], left);
          assertGradual(all);
          assert.equal(await arpAnswers(lab.client, VIP.address), 1);
        },
      );
    });
  },
};

/** As its units do at a boot, with lvsctl. */
async function putToWork(lab: Lab, director: Host): Promise<void> {
  await installLvsctl(director);
  await director.sh('modprobe ip_vs; mkdir -p /etc/lvsctl; cat >/etc/lvsctl/lvs.yaml', DESCRIPTION);
  // The first start of Node on a busy machine takes its time.
  await must(lab, director, 'lvsctl help >/dev/null');
  await watchTable(director);
  await startKeepalived(director);
}

async function startPolling(director: Host): Promise<void> {
  await director.daemon('poll', `lvsctl poll --schedule '${SCHEDULE}'`);
}

/** What a power failure leaves of it. */
async function diskOf(director: Host): Promise<string> {
  return director.sh('tar -c -C /var/lib lvsctl | base64');
}

/** A host of the lab forgets its disk, and has the boot of the machine. */
async function putBack(director: Host, disk: string): Promise<void> {
  await director.sh('base64 -d | tar -x -C /var/lib', disk);
  await director.sh(
    'cat /proc/sys/kernel/random/uuid >/run/boot_id && mount --bind /run/boot_id /proc/sys/kernel/random/boot_id',
  );
}

interface State {
  /** Seconds by the machine's clock. */
  readonly seconds: number;
  /** In the order of `SPEEDS`. */
  readonly weights: readonly number[];
}

/** Each whole state of the kernel's table since `watchTable`. */
async function states(director: Host): Promise<State[]> {
  return parseTables(await director.sh('cat /var/log/table.out')).flatMap(({ seconds, weights: all }) => {
    const found = SPEEDS.map(speed =>
      all.get(`${VIP.address}:${VIP.port}>${serverAddress(speed)}:${VIP.port}`),
    );
    // Seen while it was filled.
    return found.includes(undefined) ? [] : [{ seconds, weights: found as number[] }];
  });
}

async function tables(director: Host): Promise<(readonly number[])[]> {
  return (await states(director)).map(one => one.weights);
}

/** Whether the weights are as the speeds, and no poll has found anything to change for a while. */
async function isSettled(director: Host): Promise<boolean> {
  const last = (await states(director)).at(-1);
  const now = Number((await director.sh('cat /proc/uptime')).split(' ')[0]);
  return last !== undefined && now - last.seconds > QUIET && isNear(last.weights, SPEEDS);
}

/** What the kernel has now. */
async function weights(director: Host): Promise<number[]> {
  const rules = await director.sh('ipvsadm -Sn');
  return SPEEDS.map(speed =>
    Number(new RegExp(` -r ${serverAddress(speed)}:.* -w (\\d+)$`, 'm').exec(rules)?.[1]),
  );
}

/** A weight that is off by a tenth is left alone: so one may be too large, and another too small. */
function isNear(found: readonly number[], wanted: readonly number[]): boolean {
  return found.every((one, index) => Math.abs(one / found[0]! / (wanted[index]! / wanted[0]!) - 1) < 0.25);
}

/** Whether the last server has clearly less than before, beside the one before it. */
function isSlower(found: readonly number[], before: readonly number[]): boolean {
  const [now, then] = [found, before].map(all => all.at(-1)! / all.at(-2)!) as [number, number];
  return now < then * 0.85;
}

/** From each table to the next one a weight moves by a quarter at most: two of them by that in their ratio. */
function assertGradual(all: readonly (readonly number[])[]): void {
  const most = (1.25 / 0.75) * (1 + ROUNDING);
  for (const [index, now] of all.slice(1).entries()) {
    const ratios = now.map((one, server) => one / all[index]![server]!);
    assert.ok(Math.max(...ratios) / Math.min(...ratios) <= most, told(all));
  }
}

/** That its polls have found nothing to do, and nobody else answers for the VIP. */
async function assertStandby(lab: Lab, director: Host): Promise<void> {
  const said = await director.sh('sort -u /var/log/poll.out');
  assert.equal(said, 'nothing to do: this director is the standby');
  assert.equal(await holds(director, VIP.address), false);
  assert.equal(await arpAnswers(lab.client, VIP.address), 1);
}

function told(all: readonly (readonly number[])[]): string {
  return all.map(one => one.join(':')).join(' → ');
}
