import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import type { Host, Lab } from '../../../src/lab/lab.js';

import { PROJECT, RESULTS, type Scenario, withCluster } from '../harness.js';
import { installLvsctl, must } from '../lvsctl.js';
import { note } from '../notes.js';

const VIP = '192.168.45.26';
const SERVICES = 10;
/** Of each service; the first half of them die. */
const SERVERS = 10;
/** Alerts that come at once. */
export const MANY = (SERVICES * SERVERS) / 2;
export const ROUNDS = 3;

const DESCRIPTION = `version: 1
checker: mon
directors: [ { name: midas, address: 192.168.45.23, interface: eth0 } ]
defaults: { scheduler: wrr }
services:
${Array.from({ length: SERVICES }, (_, n) => {
  const servers = Array.from({ length: SERVERS }, (_, number) => address(number));
  return `  - { name: s${n}, address: ${VIP}, port: ${80 + n}, servers: [ ${servers.join(', ')} ] }\n`;
}).join('')}`;

function address(number: number): string {
  return `192.168.45.${101 + number}`;
}

/** Seconds. */
export interface AlertTimes {
  /** A Node program that does nothing, and as many at once as there are alerts. */
  readonly empty: number;
  readonly empties: number;
  /** What ipvsadm itself does in an alert: three dumps before and after, and one line of `-R`. */
  readonly ipvsadm: number;
  /** From mon's call to the changed table, and to the end of the alert. */
  readonly changed: number;
  readonly alert: number;
  /** The last of all servers out of the table, and the end of the last alert. */
  readonly manyChanged: number;
  readonly many: number;
}

/** How long an alert of mon takes, for build/lab/results/alert-speed.json. */
export const alertSpeed: Scenario = {
  name: 'alert-speed',
  descriptions: [DESCRIPTION],
  alone: true,
  onlyNamed: true,
  limit: 1300,
  async run(check) {
    await withCluster(DESCRIPTION, async lab => {
      const midas = lab.host('midas');
      await installLvsctl(midas);
      await midas.sh(
        'modprobe ip_vs; : >/tmp/empty.mjs; mkdir -p /etc/lvsctl; cat >/etc/lvsctl/lvs.yaml',
        DESCRIPTION,
      );
      await must(lab, midas, 'lvsctl apply');
      await check('alerts, one and many at once', async () => {
        const rounds = [];
        for (let round = 0; round < ROUNDS; round++) rounds.push(await measure(lab, midas));
        const times = medians(rounds);
        note(JSON.stringify(times));
        writeFileSync(`${RESULTS}/alert-speed.json`, JSON.stringify(times));
      });
    });
  },
};

/** Where Debian's mon looks for alerts. */
const LVS_ALERT = '/usr/lib/mon/alert.d/lvs.alert';
const NODE = `${PROJECT}/node`;

async function measure(lab: Lab, midas: Host): Promise<AlertTimes> {
  const own = `for n in 1 2; do ipvsadm -Sn; ipvsadm -Ln --thresholds; ipvsadm -Ln --timeout; done >/dev/null
    echo "-e -t ${VIP}:80 -r ${address(0)}:80 -g -w 1" | ipvsadm -R`;
  const empty = await timed(lab, midas, `${NODE} /tmp/empty.mjs`);
  const ipvsadm = await timed(lab, midas, own);
  const one = await timed(lab, midas, alert('failure', 0, 0), SERVICES * SERVERS - 1);
  await must(lab, midas, alert('up', 0, 0));
  const each = Array.from({ length: MANY }, (_, n) => [n % SERVICES, Math.floor(n / SERVICES)] as const);
  const empties = await timed(lab, midas, together(each.map(() => `${NODE} /tmp/empty.mjs`)));
  const many = await timed(
    lab,
    midas,
    together(each.map(([service, server]) => alert('failure', service, server))),
    SERVICES * SERVERS - MANY,
  );
  await must(lab, midas, together(each.map(([service, server]) => alert('up', service, server))));
  assert.equal(await midas.sh('ipvsadm -Sn | grep -c "^-a"'), String(SERVICES * SERVERS));
  return {
    empty: empty.ended,
    empties: empties.ended,
    ipvsadm: ipvsadm.ended,
    changed: one.changed!,
    alert: one.ended,
    manyChanged: many.changed!,
    many: many.ended,
  };
}

/** As mon calls it. */
function alert(kind: string, service: number, server: number): string {
  const words = `-s check -g s${service}-${server} -h ${address(server)} -t $(date +%s) s${service} ${address(server)}:${80 + service}`;
  return `echo ${address(server)} | MON_ALERTTYPE=${kind} ${LVS_ALERT} ${words} >/dev/null 2>&1`;
}

function together(commands: readonly string[]): string {
  // By itself: it must not wait for who looks at the table.
  return `(\n${commands.map(one => `{ ${one}; } &\n`).join('')}wait)`;
}

/**
 * How long a script takes, in seconds, and how long until the table has so many servers.
 *
 * @param entries absent: that is of no interest
 */
async function timed(
  lab: Lab,
  host: Host,
  script: string,
  entries?: number,
): Promise<{ readonly ended: number; readonly changed?: number }> {
  const said = await must(
    lab,
    host,
    `perl ${PROJECT}/lab/guest/table.pl 10 >/tmp/tables & watcher=$!
until [ -s /tmp/tables ]; do sleep 0.1; done
read begin _ </proc/uptime
${script}
read end _ </proc/uptime
sleep 0.1; kill $watcher
echo "$begin $end"; cat /tmp/tables`,
  );
  const [first = '', ...tables] = said.split('\n');
  const [begin, end] = first.split(' ').map(Number) as [number, number];
  const ended = round(end - begin);
  if (entries === undefined) return { ended };
  const found = tables.find(line => line.split(' ').length === entries + 1);
  if (!found) throw new Error(`the table has never had ${entries} servers:\n${said}`);
  return { ended, changed: round(Number(found.split(' ')[0]) - begin) };
}

function round(value: number): number {
  return Number(value.toFixed(2));
}

function medians(rounds: readonly AlertTimes[]): AlertTimes {
  const keys = Object.keys(rounds[0]!) as (keyof AlertTimes)[];
  return Object.fromEntries(
    keys.map(key => {
      const sorted = rounds.map(one => one[key]).toSorted((a, b) => a - b);
      return [key, sorted[sorted.length >> 1]!];
    }),
  ) as Record<keyof AlertTimes, number>;
}
