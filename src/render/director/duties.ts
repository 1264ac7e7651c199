import type { Cluster, FailoverBy } from '../../cluster/cluster.js';
import { familyOf } from '../../cluster/address.js';
import { isRealServer } from '../../cluster/machines.js';
import { isSettingPath } from '../../table/machine.js';
import type { Engine } from '../engine.js';
import type { DirectorPart } from '../output.js';
import { PLACES } from '../places.js';
import { type MovingAddress, movingAddresses } from './addresses.js';
import { marksOutput } from './marks.js';
import { moduleNames } from './modules.js';
import { ownDaemons, type Synchronisation } from './synchronisation.js';
import { sysctlOutput } from './sysctls.js';

/** What a director has to bring about on its machine, and take back: the same that director.lvs.dr is rendered from. */
export interface Duties {
  readonly failover: FailoverBy;
  /** Kernel modules, ip_vs first. */
  readonly modules: readonly string[];
  readonly settings: readonly Setting[];
  /** Rules for `nft -f`; undefined where no service has a mark. */
  readonly marks: string | undefined;
  /** Whether the table is lvsctl's to fill, and not keepalived's. */
  readonly table: boolean;
  /** The synchronisation that it starts by itself. */
  readonly daemons: Synchronisation | null;
  /** What the active director has. With vrrp it is keepalived who gives it. */
  readonly addresses: readonly MovingAddress[];
}

/** A file below /proc/sys, and what it says. */
export interface Setting {
  /** Such as `net/ipv4/vs/sync_threshold`. */
  readonly path: string;
  readonly value: string;
}

/** @throws TemplateError for a template of the administrator's that cannot be used */
export function dutiesOf(part: DirectorPart, engine: Engine): Duties {
  const { template, view } = sysctlOutput(part);
  const marks = marksOutput(part.cluster);
  return {
    ...dutiesWithoutTemplates(part),
    settings: readSettings(engine.fill(template, view)),
    marks: marks && engine.fill(marks.template, marks.view),
  };
}

/** The same but for settings and marks, which only templates say: as if there were none. */
export function dutiesWithoutTemplates({
  cluster,
  director,
}: Pick<DirectorPart, 'cluster' | 'director'>): Duties {
  return {
    failover: cluster.failover.by,
    modules: moduleNames(cluster),
    settings: [],
    marks: undefined,
    table: fillsTable(cluster),
    daemons: ownDaemons(cluster, director),
    addresses: movingAddresses(cluster, director),
  };
}

/** Whether two clusters ask the same of every director besides its table. */
export function sameDuties(one: Cluster, other: Cluster): boolean {
  return JSON.stringify(grounds(one)) === JSON.stringify(grounds(other));
}

/** What of a cluster the duties are made from, modules left aside: the kernel loads them when it needs them. */
function grounds(cluster: Cluster): object {
  const { checker, directors, failover, gateway, services } = cluster;
  return {
    keepalived: checker === 'keepalived',
    directors,
    serving: directors.map(one => isRealServer(cluster, one)),
    failover,
    gateway,
    services: services.map(({ virtual, interface: device, servers, check }) => {
      const nat = servers.filter(one => one.forwarding === 'nat');
      const families = new Set(nat.map(one => familyOf(one.address)));
      return { virtual, device, nat: [...families].toSorted(), pings: check.type === 'ping' };
    }),
  };
}

/** keepalived, where it checks the servers, fills the table itself, and nothing may fill it beside it. */
export function fillsTable({ checker }: Cluster): boolean {
  return checker !== 'keepalived';
}

/** Settings of sysctl.d(5): dots and slashes both divide a name, whichever comes first. */
export function readSettings(text: string): Setting[] {
  return text.split('\n').flatMap(line => {
    const [, name, value] = /^\s*-?([^#;=\s][^=\s]*)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    if (name === undefined || value === undefined) return [];
    const path = pathOf(name);
    // A pattern is for whoever knows all names that match.
    return isSettingPath(path) ? [{ path, value }] : [];
  });
}

function pathOf(name: string): string {
  if (/^[^./]*\//.test(name)) return name;
  return name.replaceAll(/[./]/g, one => (one === '.' ? '/' : '.'));
}

/** The file that systemd reads at boot. An administrator may have put other values there. */
export const SETTINGS_FILE = PLACES.directorSysctls;
