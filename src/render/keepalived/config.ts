import type { Cluster } from '../../cluster/cluster.js';
import { ANONYMOUS_DIRECTOR } from '../../cluster/machines.js';
import { desired } from '../../table/desired.js';
import type { DirectorInput } from '../output.js';
import { PLACES } from '../places.js';
import { type ServiceView, serviceView } from './service.js';
import { trackNames } from './tracks.js';
import { type SyncView, syncView, type VrrpView, vrrpView } from './vrrp.js';

/** What a small director does beside its work: each may be a program. */
const CHECKS_PER_SECOND = 100;

/**
 * Milliseconds over which the first checks are spread. Until its own a dead server is in the table: so not an interval,
 * as keepalived would have it. But all at once, thousands would delay each other until living servers looked dead. Whole
 * seconds: a server more changes nothing else of the file.
 */
function spreadOf({ services }: Pick<Cluster, 'services'>): number {
  const checks = services.flatMap(({ check, servers }) => (check.type === 'none' ? [] : servers)).length;
  return Math.max(1, Math.ceil(checks / CHECKS_PER_SECOND)) * 1000;
}

/** All of keepalived.conf, as the template names its parts; null for what it does not have. */
export interface ConfigView {
  /** Null where the rest of the file is someone else's, and so are these. */
  readonly globals: { readonly router: string; readonly mail: readonly string[] } | null;
  /** Whether keepalived runs programs of ours. */
  readonly scripts: boolean;
  /** Seconds; null where keepalived does not hold the table. */
  readonly timeouts: { readonly tcp: number; readonly tcpFin: number; readonly udp: number } | null;
  readonly sync: SyncView | null;
  readonly vrrp: VrrpView | null;
  readonly services: readonly ServiceView[];
  /** Services that have no server, which keepalived cannot hold. */
  readonly empty: readonly string[];
  readonly notifyProgram: string;
}

/** @param fragment whether it is included in a file that belongs to someone else */
export function configView({ cluster, director }: DirectorInput, fragment: boolean): ConfigView {
  const checked = cluster.checker === 'keepalived';
  const notify = cluster.notify.command !== undefined;
  const setting = { trackName: trackNames(cluster), notify, spread: spreadOf(cluster) };
  const vrrp = vrrpView(cluster, director);
  const services: ServiceView[] = [];
  const empty: string[] = [];
  for (const service of checked ? cluster.services : []) {
    const view = serviceView(service, setting);
    if (view) services.push(view);
    else empty.push(service.name);
  }
  return {
    globals: fragment ? null : { router: director?.name ?? ANONYMOUS_DIRECTOR, mail: cluster.notify.mail },
    scripts: checked && (notify || cluster.services.some(service => service.check.type === 'script')),
    timeouts: checked ? desired(cluster).timeouts : null,
    sync: syncView(cluster, director, vrrp),
    vrrp,
    services,
    empty,
    notifyProgram: PLACES.keepalivedNotify,
  };
}
