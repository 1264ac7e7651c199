import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { limitCards, load, type Manner, type Rate, serveWeb, unlimitCards } from '../load.js';
import { RESULTS, type Scenario, withCluster } from '../harness.js';
import { note } from '../notes.js';

const VIP = '192.168.45.26';
/** The ports of the services; a server listens on all. */
const ONE = 8001;
const TWO = 8002;
const THREE = 8003;
const NAT_ONE = 8011;
const NAT_THREE = 8013;
const DESCRIPTION = `version: 1
directors:
  - { name: midas, address: 192.168.45.23, interface: eth0, inner: { address: 10.0.70.2/24, interface: eth1 } }
gateway: { address: 10.0.70.1/24, interface: eth1 }
hosts:
  web1: { address: 192.168.45.13 }
  web2: { address: 192.168.45.43 }
  web3: { address: 192.168.45.44 }
  nat1: { address: 10.0.70.4 }
  nat2: { address: 10.0.70.5 }
  nat3: { address: 10.0.70.6 }
defaults: { scheduler: rr }
services:
  - { name: one, address: ${VIP}, port: ${ONE}, servers: [ web1 ] }
  - { name: two, address: ${VIP}, port: ${TWO}, servers: [ web1, web2 ] }
  - { name: three, address: ${VIP}, port: ${THREE}, servers: [ web1, web2, web3 ] }
  - { name: nat-one, address: ${VIP}, port: ${NAT_ONE}, forwarding: nat, servers: [ nat1 ] }
  - { name: nat-three, address: ${VIP}, port: ${NAT_THREE}, forwarding: nat, servers: [ nat1, nat2, nat3 ] }
`;

/** The ways on which a request can go. */
const WAYS = {
  'no director, 1 server': `http://192.168.45.13:${ONE}/`,
  'direct routing, 1 server': `http://${VIP}:${ONE}/`,
  'direct routing, 2 servers': `http://${VIP}:${TWO}/`,
  'direct routing, 3 servers': `http://${VIP}:${THREE}/`,
  'NAT, 1 server': `http://${VIP}:${NAT_ONE}/`,
  'NAT, 3 servers': `http://${VIP}:${NAT_THREE}/`,
} as const;
type Way = keyof typeof WAYS;
const MANNERS: readonly Manner[] = ['connections', 'requests'];

/** A figure for each way. */
export interface Rates {
  /** What each card may send; without it nothing but the machine limits. */
  readonly megabits?: number;
  readonly seconds: number;
  readonly rates: Readonly<Record<Manner, Readonly<Record<Way, Rate>>>>;
}

/**
 * Each server and the director have a card of the same low speed. So the cards are the limit, not the two emulated
 * processors that all hosts share, and the figures show what each way makes of them.
 */
const MEGABITS = 0.5;

/** How the ways compare, with figures for build/lab/results/rates.json. */
export const rates = scenario('rates', 2, false);

/** The same for longer, and then without the cards' limit. */
export const ratesAtLength: Scenario = { ...scenario('rates-at-length', 5, true), onlyNamed: true };

function scenario(name: string, seconds: number, unlimited: boolean): Scenario {
  return {
    name,
    descriptions: [DESCRIPTION],
    alone: true,
    async run(check) {
      await withCluster(DESCRIPTION, async lab => {
        const midas = lab.host('midas');
        const found: Rates[] = [];
        const measure = async (megabits?: number): Promise<Rates['rates']> => {
          const all: Record<Manner, Record<string, Rate>> = { connections: {}, requests: {} };
          for (const manner of MANNERS) {
            for (const [way, url] of Object.entries(WAYS)) {
              const rate = await load(lab.client, url, manner, seconds);
              all[manner][way] = rate;
              note(`${way}: ${rate[manner]} ${manner}/s, ${rate.errors} errors`);
            }
          }
          const rates = all as Rates['rates'];
          found.push({ ...(megabits === undefined ? {} : { megabits }), seconds, rates });
          return rates;
        };

        await check('director and servers start, each with a card of the same low speed', async () => {
          await midas.sh('/etc/init.d/director.lvs.dr start');
          await Promise.all(
            lab.role('server').map(async one => {
              if (one.name.startsWith('web')) await one.sh('/usr/local/sbin/realserver.lvs.dr start');
              await serveWeb(one, [ONE, TWO, THREE, NAT_ONE, NAT_THREE]);
            }),
          );
          await Promise.all([midas, ...lab.role('server')].map(one => limitCards(one, MEGABITS)));
        });
        let told: Rates['rates'] | undefined;
        await check('on every way every request is answered', async () => {
          told = await measure(MEGABITS);
          const errors = MANNERS.flatMap(manner => Object.values(told![manner]).map(one => one.errors));
          assert.deepEqual(new Set(errors), new Set([0]));
        });
        for (const manner of MANNERS) {
          const rate = (way: Way): number => told![manner][way][manner];
          const ratio = async (of: Way, to: Way, least: number, most: number): Promise<void> => {
            await check(`${manner}: ${of} = ${least} to ${most} times ${to}`, () => {
              const times = rate(of) / rate(to);
              assert.ok(times >= least && times <= most, `${times.toFixed(2)} times`);
              return Promise.resolve();
            });
          };
          await ratio('direct routing, 1 server', 'no director, 1 server', 0.6, 1.7);
          await ratio('direct routing, 2 servers', 'direct routing, 1 server', 1.5, 3);
          await ratio('direct routing, 3 servers', 'direct routing, 1 server', 2, 5);
          await ratio('NAT, 3 servers', 'NAT, 1 server', 0.2, 1.5);
        }
        if (unlimited) {
          await Promise.all([midas, ...lab.role('server')].map(unlimitCards));
          await measure();
        }
        writeFileSync(`${RESULTS}/${name}.json`, JSON.stringify(found));
      });
    },
  };
}
