import type { Cluster } from '../../cluster/cluster.js';
import { receives, REAL_SERVER_FOLDER } from '../../cluster/machines.js';
import { shellQuote } from '../../render/shell-quote.js';
import { PLACES } from '../../render/places.js';
import { LVSCTL } from '../acting.js';
import { bringUp, startStandIns } from '../bring-up.js';
import { standInWords } from '../endpoints.js';
import { activeDirectors, holders } from '../holders.js';
import { tableDifferences } from '../kernel-table.js';
import { type Host, type Lab, LabFailure } from '../lab.js';
import { serveControls } from './control.js';
import { type Deed, lvsctl } from './lvsctl.js';

/** One of the two descriptions. */
export interface Described {
  readonly cluster: Cluster;
  /** The file, whose name ends as the form of its text wants it. */
  readonly file: string;
  readonly text: string;
}

/** What a change is rehearsed with. */
export interface Stage {
  /** Built of the hosts of both. */
  readonly lab: Lab;
  readonly old: Described;
  readonly next: Described;
  /** Folders of what `configure --out` makes of each. */
  readonly trees: { readonly old: string; readonly next: string };
  /** How lvsctl is started inside the machine, as a shell reads it. */
  readonly lvsctl: string;
}

type Which = 'old' | 'next';

interface Changed extends Deed {
  /** Whether there is something to take back. */
  readonly isDone: boolean;
}

/** Milliseconds that the first checks are waited for at most, and seconds for what then has to be. */
const FIRST_CHECKS = 12_000;
const PATIENCE = 60;

/** Brings the old cluster up, with stand-ins for the services of both, and with both files on each director. */
export async function setUp(stage: Stage, step: (text: string) => void): Promise<void> {
  const { lab, old, next } = stage;
  await install(stage, 'old');
  const before = lab.as(old.cluster);
  await bringUp(before, step);
  const restarted = await serveBoth(stage);
  await serveControls(lab);
  if (restarted.length > 0) step(`stand-ins for what the new description adds: ${restarted.join(', ')}`);
  if (old.cluster.checker === 'keepalived') {
    const longest = Math.max(0, ...old.cluster.services.map(({ check }) => check.interval + check.timeout));
    await lab.pause(Math.min(longest, FIRST_CHECKS) / 1000);
    for (const one of lab.role('director')) await untilTable(before, one);
  }
  for (const director of lab.role('director')) {
    await director.sh('mkdir -p /etc/lvsctl');
    for (const { file, text } of [old, next]) await director.sh(`cat >${shellQuote(pathOf(file))}`, text);
    // In the place of the stand-in that mon has needed to come up.
    const wrapper = `#!/bin/sh\nexec ${stage.lvsctl} "$@"\n`;
    await director.sh(`cat >${LVSCTL} && chmod 755 ${LVSCTL}`, wrapper);
  }
}

export function pathOf(file: string): string {
  return `/etc/lvsctl/${file}`;
}

/** A director that is to be changed. */
export async function activeOne(lab: Lab): Promise<Host> {
  const [active] = await activeDirectors(lab);
  if (!active) throw new LabFailure('no director is active');
  return active;
}

/** Sets up the real servers of a description as their administrator would: its tree, and its unit reloaded. */
export async function setUpServers(stage: Stage, which: Which): Promise<string[]> {
  const hosts = serversOf(stage, which);
  const directors = hosts.filter(one => one.plan.role === 'director');
  await installServers(stage, which);
  // One that is a real server as well has all in its own tree.
  await Promise.all(directors.map(one => installDirector(stage, which, one)));
  await Promise.all(hosts.map(one => one.sh(`${PLACES.realServerScript} start`)));
  return hosts.map(one => one.name);
}

/**
 * Has the active director brought to a description: by lvsctl, or, where the table is keepalived's, by the rendered files
 * and a reload. Addresses that keepalived has come from its rendered file as well.
 *
 * @param verb of lvsctl, with its words
 */
export async function change(stage: Stage, which: Which, verb: string): Promise<Changed> {
  const { lab } = stage;
  const { cluster, file } = stage[which];
  const active = await activeOne(lab);
  if (cluster.checker !== 'keepalived') {
    const deed = await lvsctl(lab, active, verb);
    return deed.problems.length > 0
      ? { ...deed, isDone: false }
      : await alsoDone(deed, () => bringAddresses(stage, which, active));
  }
  const deed = await lvsctl(lab, active, `plan -f ${shellQuote(pathOf(file))}`, [0, 2]);
  const begin = lab.elapsed();
  const changed = await alsoDone(deed, () => reloadAll(stage, which, active));
  const took = Math.round((lab.elapsed() - begin) / 100) / 10;
  return { ...changed, figures: { ...changed.figures, took } };
}

/** A verb was done, and what has to follow it is done or has its problem told. */
async function alsoDone(deed: Deed, rest: () => Promise<string[]>): Promise<Changed> {
  try {
    return { ...deed, lines: [...deed.lines, ...(await rest())], isDone: true };
  } catch (error) {
    if (!(error instanceof LabFailure)) throw error;
    return { ...deed, problems: [...deed.problems, error.message], isDone: true };
  }
}

/** The files of keepalived on every director, the active one last, and then its table. */
async function reloadAll(stage: Stage, which: Which, active: Host): Promise<string[]> {
  const { lab } = stage;
  const others = lab.role('director').filter(one => one !== active);
  for (const director of [...others, active]) await reloadKeepalived(stage, which, director);
  await untilTable(lab.as(stage[which].cluster), active);
  return ['by configure and a reload of keepalived, which owns the table'];
}

async function reloadKeepalived(stage: Stage, which: Which, director: Host): Promise<void> {
  await installDirector(stage, which, director);
  // As the unit's reload does it.
  await director.sh('kill -HUP "$(cat /run/keepalived.pid)"');
}

/** With VRRP it is keepalived that has the addresses, and its files that say so; all else the verb has brought. */
async function bringAddresses(stage: Stage, which: Which, active: Host): Promise<string[]> {
  const { lab } = stage;
  const { cluster } = stage[which];
  const view = lab.as(cluster);
  const isHeld = async (): Promise<boolean> =>
    [...(await holders(view)).values()].every(list => list.includes(active));
  if (cluster.failover.by !== 'vrrp' || (await isHeld())) return [];
  for (const director of lab.role('director')) await reloadKeepalived(stage, which, director);
  await lab.until('the active director holds all addresses', isHeld, PATIENCE);
  return ['addresses by configure and a reload of keepalived, which has them'];
}

/** Waits until a director has the table of the cluster that it is seen as part of; what is missing then is judged later. */
async function untilTable(view: Lab, director: Host): Promise<void> {
  const isFilled = async (): Promise<boolean> =>
    (await tableDifferences(view.cluster, director)).length === 0;
  await view.until('', isFilled, PATIENCE).catch(() => undefined);
}

/** The stand-ins of all hosts that have more to serve with both than with the old alone. @returns the hosts */
async function serveBoth({ lab, old }: Stage): Promise<string[]> {
  const plans = lab.hosts.map(one => one.plan);
  const now = standInWords(old.cluster, plans);
  const more = [...standInWords(lab.cluster, plans)].filter(
    ([name, words]) => words.join(' ') !== (now.get(name) ?? []).join(' '),
  );
  for (const [name] of more) {
    const host = lab.host(name);
    await host.run(`pkill -9 -f '^perl .*stand-in'`);
    await startStandIns(lab, host);
  }
  return more.map(([name]) => name);
}

/** The hosts that a description makes real servers of. */
function serversOf({ lab, ...stage }: Stage, which: Which): Host[] {
  const isServer = receives(stage[which].cluster);
  const addresses = ({ plan }: Host): string[] =>
    plan.links.flatMap(link => link.addresses.map(one => one.split('/')[0]!));
  return lab.hosts.filter(host => ROLES.includes(host.plan.role) && addresses(host).some(isServer));
}

const ROLES: readonly string[] = ['server', 'director'];

async function install(stage: Stage, which: Which): Promise<void> {
  await installServers(stage, which);
  await Promise.all(stage.lab.role('director').map(one => installDirector(stage, which, one)));
}

async function installServers(stage: Stage, which: Which): Promise<void> {
  const hosts = serversOf(stage, which).filter(one => one.plan.role === 'server');
  await stage.lab.install(hosts, `${stage.trees[which]}/${REAL_SERVER_FOLDER}`);
}

async function installDirector({ lab, trees }: Stage, which: Which, director: Host): Promise<void> {
  await lab.install(director, `${trees[which]}/${director.name}`);
}
