import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import type { Host, Lab } from '../../../src/lab/lab.js';
import { must } from '../lvsctl.js';
import { PROJECT, RESULTS, type Scenario, withCluster } from '../harness.js';
import { note } from '../notes.js';

const HEAD = `version: 1
directors: [ { name: midas, address: 192.168.45.23, interface: eth0 } ]
services:
`;
const SMALL = `${HEAD}  - { name: web, address: 192.168.45.26, port: 80, servers: [ 192.168.45.13 ] }\n`;

interface Size {
  readonly services: number;
  /** Of each service. */
  readonly servers: number;
}

/** Each with a tenth of it, which tells how the time grows. */
const SIZES: readonly Size[] = [
  { services: 100, servers: 10 },
  { services: 1000, servers: 10 },
  { services: 1600, servers: 1 },
  { services: 16_000, servers: 1 },
];
/** Servers whose weights change at once. */
const CHANGED = 100;
export const ROUNDS = 3;
/** So many entries are made by a process each; all would take minutes. */
export const SINGLE = 200;

/** Seconds, each the median of `ROUNDS`. */
export interface ApplyTimes extends Size {
  /** A Node program that does nothing. */
  readonly empty: number;
  /** `ipvsadm -Sn` and `ipvsadm -Ln --thresholds`. */
  readonly dumps: number;
  /** `ipvsadm -R` of the lines for the changed weights. */
  readonly restore: number;
  /** An apply that changes the weights. */
  readonly weights: number;
  /** An apply that changes nothing. */
  readonly nothing: number;
  /** The first apply, onto an empty table. */
  readonly fill: number;
  /** One process of ipvsadm for each entry of the table, reckoned from `SINGLE` of them. */
  readonly single: number;
}

const LVSCTL = `${PROJECT}/node ${PROJECT}/dist/main.js`;

/** How long lvsctl takes for large tables, for build/lab/results/apply-speed.json. */
export const applySpeed: Scenario = {
  name: 'apply-speed',
  descriptions: [SMALL],
  alone: true,
  onlyNamed: true,
  limit: 1300,
  async run(check) {
    const times: ApplyTimes[] = [];
    await withCluster(SMALL, async lab => {
      const midas = lab.host('midas');
      await midas.sh('modprobe ip_vs; : >/tmp/empty.mjs');
      for (const size of SIZES) {
        await check(`a table of ${size.services} services, ${size.servers} servers each`, async () => {
          const measured = await measure(lab, midas, size);
          note(JSON.stringify(measured));
          times.push(measured);
        });
      }
    });
    writeFileSync(`${RESULTS}/apply-speed.json`, JSON.stringify(times));
  },
};

async function measure(lab: Lab, midas: Host, size: Size): Promise<ApplyTimes> {
  await midas.sh('ipvsadm -C; rm -rf /var/lib/lvsctl');
  await midas.sh('cat >/tmp/one.yaml', description(size, 1));
  await midas.sh('cat >/tmp/two.yaml', description(size, 2));
  for (const weight of [1, 2]) await midas.sh(`cat >/tmp/lines-${weight}`, edits(size, weight));
  const fill = await seconds(lab, midas, `${LVSCTL} apply -f /tmp/one.yaml >/dev/null 2>&1`);
  assert.equal(
    Number(await midas.sh('ipvsadm -Sn | grep -c "^-a"')),
    size.services * size.servers,
    'the table is filled',
  );
  const rounds: Omit<ApplyTimes, keyof Size | 'fill' | 'single'>[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    rounds.push({
      empty: await seconds(lab, midas, `${PROJECT}/node /tmp/empty.mjs`),
      dumps: await seconds(lab, midas, 'ipvsadm -Sn >/dev/null; ipvsadm -Ln --thresholds >/dev/null'),
      nothing: await seconds(lab, midas, `${LVSCTL} apply -f /tmp/one.yaml >/dev/null 2>&1`),
      weights: await seconds(lab, midas, `${LVSCTL} apply -f /tmp/two.yaml >/dev/null 2>&1`),
      restore: await seconds(lab, midas, 'ipvsadm -R </tmp/lines-1'),
    });
    await must(lab, midas, `ipvsadm -R </tmp/lines-2; ${LVSCTL} apply -f /tmp/one.yaml >/dev/null 2>&1`);
  }
  const entries = size.services * (size.servers + 1);
  const single = await seconds(
    lab,
    midas,
    `ipvsadm -A -t 10.99.0.1:1 -s rr; i=1
     while [ $i -lt ${SINGLE} ]; do i=$((i + 1)); ipvsadm -a -t 10.99.0.1:1 -r 10.98.0.$i -g -w 1; done`,
  );
  await midas.sh('ipvsadm -D -t 10.99.0.1:1');
  return { ...size, ...medians(rounds), fill, single: (single * entries) / SINGLE };
}

/** How long a command takes, to a hundredth of a second: as the host's own clock counts it. */
async function seconds(lab: Lab, host: Host, command: string): Promise<number> {
  const said = await must(
    lab,
    host,
    `read begin _ </proc/uptime
${command}
status=$?; read end _ </proc/uptime; echo "$status $begin $end"`,
  );
  const [status, begin, end] = said.trim().split(' ').map(Number) as [number, number, number];
  assert.equal(status, 0, command);
  return Number((end - begin).toFixed(2));
}

function medians<T extends Readonly<Record<string, number>>>(rounds: readonly T[]): T {
  const keys = Object.keys(rounds[0]!);
  const median = (key: string): number => {
    const sorted = rounds.map(one => one[key]!).toSorted((a, b) => a - b);
    return sorted[sorted.length >> 1]!;
  };
  return Object.fromEntries(keys.map(key => [key, median(key)])) as T;
}

/** @param weight of the first servers of the table, as many as change; all others have 1 */
function description(size: Size, weight: number): string {
  let left = weight === 1 ? 0 : CHANGED;
  const services = Array.from({ length: size.services }, (_, index) => {
    const servers = Array.from({ length: size.servers }, (_, number) => {
      const own = left-- > 0 ? weight : 1;
      return `{ address: ${server(number)}, weight: ${own} }`;
    });
    return `  - { address: ${vip(index)}, port: ${port(index)}, scheduler: wrr, servers: [ ${servers.join(', ')} ] }\n`;
  });
  return HEAD + services.join('');
}

function edits(size: Size, weight: number): string {
  return Array.from({ length: Math.min(CHANGED, size.services * size.servers) }, (_, index) => {
    const service = Math.floor(index / size.servers);
    return `-e -t ${vip(service)}:${port(service)} -r ${server(index % size.servers)} -g -w ${weight}\n`;
  }).join('');
}

/** Few addresses with many ports: each address more is a process more, of ip and of arping. */
function vip(index: number): string {
  return `10.10.0.${1 + (index >> 11)}`;
}

function port(index: number): number {
  return 1024 + (index & 2047);
}

function server(index: number): string {
  return `10.20.0.${index + 1}`;
}
