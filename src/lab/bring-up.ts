import type { Cluster } from '../cluster/cluster.js';
import { entrances } from '../cluster/naming.js';
import { shellQuote } from '../render/engine.js';
import { scriptWords } from '../render/mon/monitor.js';
import { checkedPort } from '../render/keepalived/check.js';
import { PLACES } from '../render/places.js';
import { type AlertKind, alertedSubjects, checkedSubjects, recordAlerts } from './alerts.js';
import { lvsctl } from './change/lvsctl.js';
import { ACTING, APPLIED } from './acting.js';
import { standInWords } from './endpoints.js';
import { activeDirectors, holders } from './holders.js';
import { counted } from './counted.js';
import { type Host, type Lab, LabFailure } from './lab.js';
import { tableDifferences } from './kernel-table.js';

/** Seconds for what needs no more than the machine's speed, which others may share. */
const PATIENCE = 45;
/** Seconds that a start of Node takes here at most, where others run beside it. */
export const SLOW_START = 5;
/** Milliseconds that the first checks are waited for at most. */
const FIRST_CHECKS = 12_000;

/**
 * Starts a cluster whose trees are installed as its units would: real servers with stand-ins for their services, then
 * directors with the daemons that the description wants, and waits until it is up.
 *
 * @param step is told what has been done, in a line each
 * @throws LabFailure where it does not come up in time, with the reason
 */
export async function bringUp(lab: Lab, step: (text: string) => void): Promise<void> {
  const { cluster } = lab;
  await startServers(lab);
  const servers = lab.role('server').length;
  step(`${counted(servers, 'real server')} with stand-ins for what they serve`);
  const [first, ...others] = lab.role('director');
  if (!first) throw new LabFailure('the lab has no director');
  if (cluster.failover.by === 'heartbeat') {
    await Promise.all([first, ...others].map(one => startDirector(lab, one)));
  } else {
    await startDirector(lab, first);
    // Whoever comes first takes the addresses: it is to be the primary.
    await untilHeld(lab);
    await Promise.all(others.map(one => startDirector(lab, one)));
  }
  await untilHeld(lab);
  step(`${await holderNames(lab)} active`);
  await untilFilled(lab, step);
  if (cluster.checker === 'mon') {
    await startMon(lab, first);
    step(`mon on ${first.name} has ${counted(checkedSubjects(cluster).length, 'watch', 'watches')}`);
  }
}

/** What a director starts at boot, but for mon. */
export async function startDirector(lab: Lab, director: Host): Promise<void> {
  const { checker, failover } = lab.cluster;
  if (failover.by === 'heartbeat') {
    // The names of the directors, which the administrator has to add.
    await director.sh(`cat ${PLACES.hostsFragment} >>/etc/hosts`);
  }
  await placeScripts(lab, director);
  await director.unit('lvsctl-director');
  if (failover.by === 'heartbeat') await director.unit('heartbeat');
  if (failover.by === 'vrrp' || checker === 'keepalived') await director.unit('keepalived');
}

/** Switches a director on again that was killed, and starts everything that is to run on it. */
export async function returnDirector(lab: Lab, director: Host): Promise<void> {
  await lab.restart(director);
  await startServer(lab, director);
  await startDirector(lab, director);
  if (lab.cluster.checker === 'mon' && director === lab.role('director')[0]) await startMon(lab, director);
}

/** Starts the stand-in servers of a host; those that run already have to be ended before. */
export async function startStandIns(lab: Lab, host: Host): Promise<void> {
  const words = standInWords(
    lab.cluster,
    lab.hosts.map(one => one.plan),
  ).get(host.name);
  if (words) await host.sh(host.perl('stand-in', words));
}

/** Waits until each VIP is where it belongs: on one director, or on all where nothing decides between them. */
export async function untilHeld(lab: Lab, seconds = 150): Promise<void> {
  const wanted = lab.cluster.failover.by === 'none' ? undefined : 1;
  await lab.until(
    'a director holds the virtual addresses',
    async () => {
      const found = [...(await holders(lab)).values()];
      return found.every(({ length }) => (wanted === undefined ? length > 0 : length === wanted));
    },
    seconds,
  );
}

async function startServers(lab: Lab): Promise<void> {
  const able = lab.hosts.filter(one => one.plan.role === 'server' || one.plan.role === 'director');
  await Promise.all(able.map(host => startServer(lab, host)));
}

/** What a real server starts at boot, and stand-ins for what it serves. */
export async function startServer(lab: Lab, host: Host): Promise<void> {
  // Most directors are no real servers, and have no such file.
  if ((await host.run(`[ -e ${PLACES.realServerSettings} ]`)).exitCode === 0)
    await host.unit('lvs-realserver');
  await startStandIns(lab, host);
}

/** mon's alerts change the table where lvsctl is on the director and something is applied; else they are written down. */
async function startMon(lab: Lab, director: Host): Promise<void> {
  const isActing = (await director.run(`[ -x ${ACTING} ]`)).exitCode === 0;
  await recordAlerts(director, lab.cluster.mon.alerts, isActing ? ACTING : undefined);
  if (isActing) {
    const { problems } = await lvsctl(lab, director, `apply -f ${APPLIED}*`);
    if (problems.length > 0) throw new LabFailure(problems.join('; '));
  }
  await director.unit('mon');
  const wanted = checkedSubjects(lab.cluster).length;
  const kind: AlertKind = 'startup';
  await lab.until(
    'mon has announced all servers',
    async () => (await alertedSubjects(director, kind)).length >= wanted,
    // Each is a start of Node.
    PATIENCE + (isActing ? wanted * SLOW_START : 0),
  );
}

/**
 * Waits until every director has the table that is described, servers whose first check failed left out of it. One that
 * is never so is told, and no reason to stop: it shows in what is asked of the cluster.
 */
async function untilFilled(lab: Lab, step: (text: string) => void): Promise<void> {
  const { checker, services } = lab.cluster;
  if (checker === 'keepalived') {
    // keepalived has all servers in the table until it has asked them.
    const longest = Math.max(0, ...services.map(({ check }) => check.interval + check.timeout));
    await lab.pause(Math.min(longest, FIRST_CHECKS) / 1000);
  }
  for (const director of lab.role('director')) {
    const filled = async (): Promise<boolean> => (await tableDifferences(lab.cluster, director)).length === 0;
    const isFilled = await lab.until('', filled, PATIENCE).then(
      () => true,
      () => false,
    );
    if (!isFilled) step(`the table of ${director.name} is not as described`);
  }
}

/**
 * The programs of the description's own checks, where this machine has none: each asks the stand-in. keepalived counts
 * servers as alive whose program is missing, so without them nothing would be checked.
 */
async function placeScripts(lab: Lab, director: Host): Promise<void> {
  for (const [program, cases] of scriptCases(lab.cluster, director)) {
    const path = shellQuote(program);
    const place = `mkdir -p "$(dirname ${path})" && cat >${path} && chmod 755 ${path}`;
    await director.sh(`[ -e ${path} ] || { ${place}; }`, scriptText(cases));
  }
}

/** What the stand-in of each program does with the words that it gets for each server. */
function scriptCases(cluster: Cluster, director: Host): Map<string, string[]> {
  const scripts = new Map<string, string[]>();
  for (const service of cluster.services) {
    const { type, command = [] } = service.check;
    const [program] = command;
    if (type !== 'script' || program === undefined) continue;
    const { protocol } = entrances(service)[0]!;
    for (const server of service.servers) {
      const port = checkedPort(service, server);
      const [, ...words] = scriptWords(command, service, server, String(port));
      const asked =
        protocol === 'sctp'
          ? `[ "$(${director.perl('ask', [protocol, server.address, port, 1])})" != - ]; exit`
          : `at=${protocol}/${server.address}/${port}`;
      const cases = scripts.get(program) ?? [];
      scripts.set(program, [...cases, `${shellQuote(words.join(' '))}) ${asked} ;;`]);
    }
  }
  return scripts;
}

/** In bash, which can connect by itself: checks come often, and another program would cost more than all of this. */
function scriptText(cases: readonly string[]): string {
  return `#!/bin/bash
# Stands in for a program that this machine does not have.
case "$*" in
${cases.join('\n')}
*) exit 1 ;;
esac
exec 3<>"/dev/$at" && echo question >&3 && read -r -n 1 -t 2 -u 3
`;
}

async function holderNames(lab: Lab): Promise<string> {
  const names = (await activeDirectors(lab)).map(one => one.name);
  return `${names.join(', ')} ${names.length === 1 ? 'is' : 'are'}`;
}
