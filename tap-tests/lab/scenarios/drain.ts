import assert from 'node:assert/strict';
import { ask } from '../../../src/lab/acts.js';
import { Held } from '../../../src/lab/held.js';
import type { Host, Lab } from '../../../src/lab/lab.js';
import { PROJECT, realServer, type Scenario, withCluster } from '../harness.js';
import { note } from '../notes.js';

const VIP = '192.168.45.26';
/** Addresses are keepalived's, which does not run here: the scenario gives the VIP to midas. */
const DESCRIPTION = `version: 1
directors:
  - { name: midas, address: 192.168.45.23, interface: eth0 }
  - { name: estepe, address: 192.168.45.24, interface: eth0 }
failover: { by: vrrp }
hosts:
  web1: { address: 192.168.45.13 }
  web2: { address: 192.168.45.43 }
services:
  - { name: web, address: ${VIP}, port: 80, scheduler: wrr, servers: [ { host: web1, weight: 8 }, { host: web2, weight: 8 } ] }
  - { name: shop, address: ${VIP}, port: 81, scheduler: wrr, persistence: 300s, servers: [ web1, web2 ] }
`;
const LVSCTL = `${PROJECT}/node ${PROJECT}/dist/main.js`;
const SETTING = '/proc/sys/net/ipv4/vs/expire_quiescent_template';

/** What operators say of servers, on a live director. */
export const drain: Scenario = {
  name: 'drain',
  descriptions: [DESCRIPTION],
  async run(check) {
    await withDirectors(async ({ client, midas, estepe, lvsctl, until }) => {
      const other = (name: string): string => (name === 'web1' ? 'web2' : 'web1');

      await check('drained, a server keeps its connection and gets no new one', async () => {
        const held = await Held.open(client, VIP, 80);
        const home = await held.say();
        const out = await lvsctl(`drain web ${home} --reason "new kernel"`);
        assert.match(
          out,
          new RegExp(`web → ${home} .* is drained; its 1 connection goes on until it ends$`, 'm'),
        );
        assert.deepEqual(await ask(client, 'tcp', VIP, 80, 4), { [other(home)]: 4 });
        assert.equal(await held.say(), home);
        const refused = await midas.run(`${LVSCTL} drain web ${other(home)}`);
        assert.equal(refused.exitCode, 1);
        assert.match(
          refused.stderr,
          /web would have no server left that takes connections; nothing is changed/,
        );

        const late = await midas.run(`${LVSCTL} drain web ${home} --wait --timeout 1s`);
        assert.equal(late.exitCode, 1, late.stderr);
        assert.match(late.stderr, /the time is up: 1 connection left\n/);
        await midas.sh(
          `(setsid ${LVSCTL} drain web ${home} --wait >/tmp/wait 2>&1; echo $? >/tmp/waited) </dev/null >/dev/null 2>&1 &`,
        );
        await until(
          'it waits',
          async () => (await midas.run('cat /tmp/wait')).stdout.includes('1 connection left'),
          60,
        );
        assert.equal(await held.say(), home);
        await held.end();
        await until('the wait ends', async () => (await midas.run('cat /tmp/waited')).stdout === '0\n', 60);
        await lvsctl(`undrain web ${home}`);
      });

      await check('a persistent client is moved, by the setting that this takes', async () => {
        await midas.sh(`echo 0 >${SETTING}`);
        const [home] = Object.keys(await ask(client, 'tcp', VIP, 81, 3)) as [string];
        assert.match(await lvsctl(`drain shop ${home} 2>&1`), /^echo 1 > \/proc\/sys\/net\/ipv4\/vs\//m);
        assert.equal(await midas.sh(`cat ${SETTING}`), '1');
        assert.deepEqual(await ask(client, 'tcp', VIP, 81, 3), { [other(home)]: 3 });
        await lvsctl(`undrain shop ${home}`);
      });

      await check('the journal tells of it in order, to whoever follows it too', async () => {
        const out = await lvsctl('log -o json --event applied drained undrained');
        const told = out.split('\n').filter(Boolean);
        assert.deepEqual(
          told.map(line => (JSON.parse(line) as { event: string }).event),
          ['applied', 'drained', 'undrained', 'drained', 'undrained'],
        );
        assert.match(
          await lvsctl('log --event drained --last 2'),
          /drained {8}web .*: new kernel\)\n.* shop /,
        );
        assert.match(await midas.sh(`${LVSCTL} log 2>&1 | head -n 1`), / applied {8}-? *generation 1 /);
        const follow = `echo $$ >/tmp/follower; exec ${LVSCTL} log --follow`;
        await midas.sh(
          `(setsid sh -c '${follow}' >/tmp/log 2>&1; echo $? >/tmp/followed) </dev/null >/dev/null 2>&1 &`,
        );
        const followed = async (word: string): Promise<boolean> =>
          (await midas.run('cat /tmp/log')).stdout.includes(word);
        await until('what was is shown', () => followed('undrained'), 60);
        await lvsctl('weight web web1 7');
        await until('what is new is shown', () => followed('weight-set'), 60);
        await lvsctl('weight web web1 auto');
        await midas.sh('kill -INT $(cat /tmp/follower)');
        await until('it ends', async () => (await midas.run('cat /tmp/followed')).stdout === '130\n', 60);
      });

      await check('drains that are lost come back from the journal', async () => {
        await lvsctl('drain web web1');
        await midas.sh('echo { >/var/lib/lvsctl/operator.json; ipvsadm -C; ipvsadm -A -t 10.0.0.99:9 -s rr');
        const refused = await midas.run(`${LVSCTL} undrain web web1`);
        assert.equal(refused.exitCode, 1);
        assert.match(await lvsctl('log --rebuild'), /operator\.json was damaged, and is put back/);
        assert.deepEqual(await weights(midas), [0, 8]);
        await lvsctl('undrain web web1');
        assert.deepEqual(await weights(midas), [8, 8]);
      });

      await check(
        'a standby refuses, names the active director, and acts for itself with --local',
        async () => {
          const { exitCode, stderr } = await estepe.run(`${LVSCTL} drain web web1`);
          assert.equal(exitCode, 1);
          assert.match(stderr, /estepe, this director, is the standby: midas is active/);
          await estepe.sh(`${LVSCTL} drain web web1 --local`);
          assert.deepEqual(await weights(estepe), [0, 8]);
          await midas.sh(`ip addr del ${VIP}/32 dev eth0`);
          // Nobody has it: each may act.
          await estepe.sh(`${LVSCTL} undrain web web1`);
          assert.deepEqual(await weights(midas), [8, 8]);
        },
      );

      await check('clear leaves nothing of ours, and all of others', async () => {
        await lvsctl('clear');
        assert.equal(await midas.sh('ipvsadm -Sn'), '-A -t 10.0.0.99:9 -s rr');
        await lvsctl('rollback');
        assert.deepEqual(await weights(midas), [8, 8]);
      });
    });
  },
};

/** What comes of it by itself, in its time. */
export const drainTimes: Scenario = {
  name: 'drain-times',
  onlyNamed: true,
  descriptions: [DESCRIPTION],
  async run(check) {
    await withDirectors(async ({ midas, lvsctl, until }) => {
      /** Seconds of one run of lvsctl, at least: what comes due within them cannot be seen to come. */
      let pace = 1;

      await check(
        'a drain outlives a lost table and a reload; taken back slowly, the weight rises',
        async () => {
          await lvsctl('drain --all web1');
          await midas.sh('ipvsadm -C');
          const start = performance.now();
          await lvsctl('apply -f /tmp/lvs.yaml');
          pace = Math.ceil((performance.now() - start) / 1000);
          note(`a run of lvsctl: ${pace} s`);
          assert.deepEqual(await weights(midas), [0, 8]);
          await lvsctl(`undrain --all web1 --slow-start ${6 * pace}s`);
          const seen: number[] = [];
          await until(
            'it has all of its weight',
            async () => {
              const weight = (await weights(midas))[0]!;
              if (seen.at(-1) !== weight) seen.push(weight);
              return weight === 8;
            },
            60 + 8 * pace,
          );
          note(`weights while it came back: ${seen.join(' ')}`);
          assert.deepEqual(
            seen,
            seen.toSorted((a, b) => a - b),
          );
          assert.ok(seen.length > 2 && seen[0]! < 4, seen.join(' '));
        },
      );

      await check('a planned drain begins and ends by itself', async () => {
        const [wait, length] = [3 * pace, 4 * pace];
        const out = await lvsctl(`drain web web2 --at +${wait}s --expires ${length}s`);
        assert.match(out, new RegExp(`will be drained at .*, for ${length}s$`, 'm'));
        assert.deepEqual(await weights(midas), [8, 8]);
        await until('it begins', async () => (await weights(midas))[1] === 0, 60 + 4 * pace);
        await until('it ends', async () => (await weights(midas))[1] === 8, 60 + 8 * pace);
      });
    });
  },
};

interface Stage {
  readonly client: Host;
  readonly midas: Host;
  readonly estepe: Host;
  /** On midas. */
  readonly lvsctl: (line: string) => Promise<string>;
  readonly until: Lab['until'];
}

/** Two directors in front of two servers, of which midas is active. */
async function withDirectors(work: (stage: Stage) => Promise<void>): Promise<void> {
  await withCluster(DESCRIPTION, async lab => {
    const [midas, estepe] = [lab.host('midas'), lab.host('estepe')];
    const servers = lab.role('server');
    await Promise.all(servers.map(one => realServer(one, `tcp:${VIP}:80`, `tcp:${VIP}:81`)));
    await Promise.all([midas, estepe].map(start));
    await midas.sh(`ip addr add ${VIP}/32 dev eth0`);
    await work({
      client: lab.client,
      midas,
      estepe,
      lvsctl: line => midas.sh(`${LVSCTL} ${line}`),
      until: (...words) => lab.until(...words),
    });
  });
}

/** A table of lvsctl's own, beside a service of somebody else. */
async function start(director: Host): Promise<void> {
  await director.sh('cat >/tmp/lvs.yaml', DESCRIPTION);
  await director.sh('/etc/init.d/director.lvs.dr start; ipvsadm -C; ipvsadm -A -t 10.0.0.99:9 -s rr');
  await director.sh(`${LVSCTL} apply -f /tmp/lvs.yaml`);
}

/** Of web1, then web2, for the service web. */
async function weights(director: Host): Promise<number[]> {
  const rules = await director.sh('ipvsadm -Sn');
  return ['192.168.45.13', '192.168.45.43'].map(address =>
    Number(new RegExp(`^-a -t ${VIP}:80 -r ${address}:80 .* -w (\\d+)$`, 'm').exec(rules)?.[1] ?? NaN),
  );
}
