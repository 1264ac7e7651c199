import assert from 'node:assert/strict';
import { serve } from '../../../src/lab/acts.js';
import { Held } from '../../../src/lab/held.js';
import type { Host, Lab } from '../../../src/lab/lab.js';
import { runKeepalived } from '../daemons.js';
import { realServer, type Scenario, withCluster } from '../harness.js';
import { installLvsctl, must } from '../lvsctl.js';
import { note, secondsSince } from '../notes.js';

const VIP = '192.168.45.26';
/** By its last number, what each server of each service has; of the third one only in one of the variants. */
const VARIANTS = [
  { web1: 3, web2: 1, more: '', has3: true },
  { web1: 5, web2: 1, more: ', upper: 500', has3: true },
  { web1: 3, web2: 2, more: '', has3: false },
] as const;

function description({ web1, web2, more, has3 }: (typeof VARIANTS)[number]): string {
  const third = has3 ? ', web3' : '';
  return `version: 1
checker: keepalived
directors: [ { name: midas, address: 192.168.45.23, interface: eth0 } ]
real_servers: { interface: eth0 }
hosts:
  web1: { address: 192.168.45.13 }
  web2: { address: 192.168.45.43 }
  web3: { address: 192.168.45.53 }
  spare: { address: 192.168.45.63 }
defaults: { scheduler: wrr, check: { type: tcp, interval: 1s, timeout: 1s, retries: 0 } }
services:
  - { name: web, address: ${VIP}, port: 80, servers: [ { host: web1, weight: ${web1}${more} }, { host: web2, weight: ${web2} }${third} ] }
  - { name: shop, address: ${VIP}, port: 81, fallback: { address: 192.168.45.63 }, servers: [ web1, web2${third} ] }
`;
}

const SERVICES = { web: 80, shop: 81 } as const;
type Service = keyof typeof SERVICES;
const LAST = { web1: 13, web2: 43, web3: 53 } as const;
type Server = keyof typeof LAST;

/** What is to hold, kept beside what is done. */
class Ledger {
  variant: (typeof VARIANTS)[number] = VARIANTS[0];
  isDead = false;
  readonly drained = new Set<string>();
  readonly weights = new Map<string, number>();

  /** `13:3 43:1`, as `weightsOf` reads it. */
  wanted(service: Service): string {
    const servers = (['web1', 'web2', 'web3'] as const).filter(one => one !== 'web3' || this.variant.has3);
    const entries = servers.flatMap(one => {
      const at = `${service} ${one}`;
      const configured = service === 'shop' || one === 'web3' ? 1 : this.variant[one];
      const weight = this.drained.has(at) ? 0 : (this.weights.get(at) ?? configured);
      // A service with a fallback keeps its dead, at weight 0.
      if (one === 'web3' && this.isDead) return service === 'shop' ? [`${LAST[one]}:0`] : [];
      return [`${LAST[one]}:${weight}`];
    });
    return entries.toSorted().join(' ');
  }
}

/** One thing that happens. */
interface Deed {
  readonly name: string;
  readonly act: () => Promise<unknown>;
}

/** mulberry32: the same numbers from the same seed, everywhere. */
function dice(seed: number): (sides: number) => number {
  let state = seed;
  return sides => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % sides;
  };
}

async function weightsOf(midas: Host, service: Service): Promise<string> {
  const rules = await midas.sh('ipvsadm -Sn');
  const found = rules.matchAll(
    new RegExp(`^-a -t ${VIP}:${SERVICES[service]} -r \\S*\\.(\\d+):\\d+ .* -w (\\d+)`, 'gm'),
  );
  return [...found]
    .map(([, last, weight]) => `${last}:${weight}`)
    .toSorted()
    .join(' ');
}

/** All that may happen, to keepalived, to the servers, to the files, and by lvsctl. */
function deeds(lab: Lab, ledger: Ledger, roll: (sides: number) => number): Deed[] {
  const midas = lab.host('midas');
  const verb = (line: string): Promise<string> => must(lab, midas, `lvsctl ${line}`);
  const [service, server] = [
    (['web', 'shop'] as const)[roll(2)]!,
    (['web1', 'web2'] as const satisfies readonly Server[])[roll(2)]!,
  ];
  const at = `${service} ${server}`;
  const weight = roll(9) + 1;
  const next = VARIANTS[(VARIANTS.indexOf(ledger.variant) + 1 + roll(2)) % 3]!;
  const keepalived = {
    stop: 'kill "$(cat /run/keepalived.pid)"; while [ -e /run/keepalived.pid ]; do sleep 0.1; done',
  };
  return [
    { name: `drain ${at}`, act: () => (ledger.drained.add(at), verb(`drain ${at} --force`)) },
    { name: `undrain ${at}`, act: () => (ledger.drained.delete(at), verb(`undrain ${at}`)) },
    {
      name: `weight ${at} ${weight}`,
      act: () => (ledger.weights.set(at, weight), verb(`weight ${at} ${weight}`)),
    },
    {
      name: 'apply another description',
      act: async () => {
        ledger.variant = next;
        await midas.sh('cat >/etc/lvsctl/lvs.yaml', description(next));
        await verb('apply');
      },
    },
    {
      name: ledger.isDead ? 'web3 returns' : 'web3 dies',
      act: async () => {
        if (ledger.isDead) await serve(lab.host('web3'), 'tcp:0.0.0.0:80', 'tcp:0.0.0.0:81');
        else await lab.host('web3').run(`pkill -9 -f '^perl .*stand-in'`);
        ledger.isDead = !ledger.isDead;
      },
    },
    {
      name: 'the checker is killed',
      act: () =>
        midas.sh('until [ -s /run/checkers.pid ]; do sleep 0.1; done; kill -9 "$(cat /run/checkers.pid)"'),
    },
    {
      name: `keepalived is stopped, ${at} drained, keepalived started`,
      act: async () => {
        await midas.sh(keepalived.stop);
        ledger.drained.add(at);
        await verb(`drain ${at} --force`);
        await runKeepalived(midas);
      },
    },
    { name: 'keepalived reloads', act: () => midas.sh('kill -HUP "$(cat /run/keepalived.pid)"') },
    { name: 'the track folder goes', act: () => midas.sh('rm -r /var/lib/lvsctl/tracks') },
    {
      name: 'a track file has garbage in it',
      act: () => midas.sh(`for one in /var/lib/lvsctl/tracks/${service}_*; do echo garbage >"$one"; done`),
    },
    {
      name: 'somebody else writes into the table',
      act: () =>
        midas.run(
          `ipvsadm -e -t ${VIP}:80 -r 192.168.45.13:80 -g -w 44; ipvsadm -a -t ${VIP}:81 -r 192.168.45.99:81 -g; ipvsadm -E -t ${VIP}:81 -s rr`,
        ),
    },
  ];
}

/** The seeds of the sequences, and how much happens before all is compared. */
const SEEDS = [2894, 1632];
const LENGTH = 4;

/** keepalived and lvsctl at one table, whatever happens to either: the sequences of the property test, for real. */
export const keepalivedOwner: Scenario = {
  name: 'keepalived-owner',
  limit: 900,
  descriptions: [description(VARIANTS[0])],
  async run(check) {
    await withCluster(description(VARIANTS[0]), async lab => {
      const midas = lab.host('midas');
      const ledger = new Ledger();
      for (const one of lab.role('server')) await realServer(one, 'tcp:0.0.0.0:80', 'tcp:0.0.0.0:81');
      const isRight = async (): Promise<boolean> => {
        for (const service of ['web', 'shop'] as const)
          if ((await weightsOf(midas, service)) !== ledger.wanted(service)) return false;
        return true;
      };
      /** What has been done has had its effect, and what was missed is mended, as the units would do it. */
      const settles = async (): Promise<void> => {
        const start = performance.now();
        await midas.sh('sleep 3');
        await must(lab, midas, 'lvsctl director start');
        await lab.until('the table is right', isRight, 30).catch(async () => {
          const told = await midas.run(
            'tail -n 30 /var/log/keepalived.out; ls -l /var/lib/lvsctl/tracks; head /var/lib/lvsctl/tracks/*; lvsctl status',
          );
          for (const service of ['web', 'shop'] as const)
            assert.equal(await weightsOf(midas, service), ledger.wanted(service), told.stdout);
        });
        const plan = await must(lab, midas, 'lvsctl plan; true');
        assert.match(plan, /^nothing to change$/m);
        note(`right after ${secondsSince(start)} s`);
      };

      await check(
        'director start fills the table, and keepalived, started over it, finds nothing to do',
        async () => {
          await installLvsctl(midas);
          await midas.sh('mkdir -p /etc/lvsctl && cat >/etc/lvsctl/lvs.yaml', description(VARIANTS[0]));
          await must(lab, midas, 'modprobe ip_vs; lvsctl apply && lvsctl director start');
          await runKeepalived(midas);
          await settles();
        },
      );
      const held = [await Held.open(lab.client, VIP, 80), await Held.open(lab.client, VIP, 80)];
      const homes = await Promise.all(held.map(one => one.say()));
      for (const seed of SEEDS) {
        const roll = dice(seed);
        const told: string[] = [];
        await check(
          `seed ${seed}: after ${LENGTH} things that happen the table is right, and the plan empty`,
          async () => {
            for (let count = 0; count < LENGTH; count++) {
              const all = deeds(lab, ledger, roll);
              const deed = all[roll(all.length)]!;
              told.push(deed.name);
              note(deed.name);
              await deed.act();
            }
            await settles();
          },
        );
      }
      await check('the connections that were held all the time have lived', async () => {
        const now = await Promise.all(held.map(one => one.say()));
        assert.deepEqual(
          now.filter((_, index) => homes[index] !== 'web3'),
          homes.filter(one => one !== 'web3'),
        );
      });
      await check('lvsctl has not brought its checker down', async () => {
        const { stdout } = await midas.run('grep -ci "segmentation fault\\|sigsegv" /var/log/keepalived.out');
        assert.equal(stdout.trim(), '0');
      });
    });
  },
};
