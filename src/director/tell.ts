import { serverTitle } from '../cluster/find.js';
import type { Cluster } from '../cluster/cluster.js';
import { formatDuration } from '../cluster/duration.js';
import type { Server, Service } from '../cluster/service.js';
import { list } from '../diagnostic/quote.js';
import { explain, type ServerView, type ServiceView } from '../table/explain.js';
import type { Overlay } from '../table/overlay.js';
import { localTime } from '../view/times.js';
import { type Effect, recheckTime, type Told } from './hear.js';

/** What alerts have brought about in one service, for people. */
export interface Account {
  readonly service: Service;
  /** What became of each server that died or returned. */
  readonly servers: ReadonlyMap<Server, string>;
  /** What that means for the service. */
  readonly remarks: readonly string[];
}

/** All of it, a sentence each. */
export function sentencesOf({ service, servers, remarks }: Account): string[] {
  return [...servers.values(), ...remarks].map(text => `${service.name}: ${text}`);
}

/** What each server that is told of has now, and what became of the services that lost or won one. */
export function accountsOf(cluster: Cluster, overlay: Overlay, told: readonly Told[]): Account[] {
  const last = lastChanges(told);
  const touched = new Set([...last.values()].map(({ placed }) => placed.service));
  return explain(cluster, overlay)
    .filter(({ service }) => touched.has(service))
    .map(view => {
      const changed = view.servers.filter(({ server }) => last.has(server));
      const sentence = (one: ServerView): string => serverSentence(view, one, last.get(one.server)!.what);
      return {
        service: view.service,
        servers: new Map(changed.map(one => [one.server, sentence(one)])),
        remarks: remarksOn(view),
      };
    });
}

/** A server that died and returned, or the other way round, before anybody could look: what it was told last. */
function lastChanges(told: readonly Told[]): Map<Server, Effect> {
  return new Map(changesIn(told).map(change => [change.placed.server, change]));
}

function changesIn(told: readonly Told[]): Effect[] {
  return told.flatMap(one => one.effects).filter(({ what }) => what === 'down' || what === 'up');
}

/**
 * What to say of each change: of a server's last one what has come of it, and what that means for the service; of those
 * before it that it was so.
 */
export function outcomesOf(
  cluster: Cluster,
  overlay: Overlay,
  told: readonly Told[],
): ReadonlyMap<Effect, readonly string[]> {
  const accounts = new Map(accountsOf(cluster, overlay, told).map(one => [one.service, one]));
  const last = lastChanges(told);
  return new Map(
    changesIn(told).flatMap((change): [Effect, readonly string[]][] => {
      const { service, server } = change.placed;
      const account = accounts.get(service);
      if (!account) return [];
      if (last.get(server) === change) return [[change, [account.servers.get(server)!, ...account.remarks]]];
      const name = serverTitle(service, server);
      return [[change, [change.what === 'down' ? `${name} was dead` : `${name} was alive again`]]];
    }),
  );
}

function serverSentence({ service }: ServiceView, view: ServerView, what: Effect['what']): string {
  const name = serverTitle(service, view.server);
  if (what === 'down') return `${name} is dead${fate(view)}`;
  const { slowStart } = view.remark;
  if (view.cause === 'drained') return `${name} is alive again and stays drained`;
  const rises = slowStart ? `, and rises until ${localTime(slowStart.until)}` : '';
  return `${name} is alive again: weight ${view.entry?.weight ?? 0}${rises}`;
}

function fate({ cause, kept, entry }: ServerView): string {
  if (cause === 'drained') return ', and stays drained';
  if (kept) return `, but stays at weight ${entry!.weight}`;
  if (!entry) return ': out of the table';
  return cause === 'dead' ? ': weight 0 (on_failure: quiesce)' : `: weight ${entry.weight}`;
}

/** Who is kept and why; what becomes of clients where nobody is left. */
function remarksOn({ service, servers, fallback }: ServiceView): string[] {
  const takes = ({ entry }: ServerView): boolean => (entry?.weight ?? 0) > 0;
  const kept = servers.filter(one => one.kept);
  const others = servers.filter(one => takes(one) && !one.kept).length;
  if (kept.length > 0) {
    const names = list(kept.map(one => serverTitle(service, one.server)).slice(0, 5), 'and');
    const verb = kept.length === 1 ? 'is' : 'are';
    const minimum = service.minimumServers ?? 1;
    const left =
      others === 0 ? 'no other takes' : others === 1 ? 'only one other takes' : `only ${others} others take`;
    return [`${names} ${verb} kept though dead: minimum_servers is ${minimum}, and ${left} connections`];
  }
  if (others > 0) return [];
  if (fallback) return [`no server is left: clients go to the fallback ${fallback.address}`];
  return ['no server is left that takes connections, and there is no fallback'];
}

/** What becomes of a dead server whose checker has started, in a sentence; undefined for other effects. */
export function recheckSentence({ placed: { service, server }, what }: Effect): string | undefined {
  if (what !== 'rechecked') return undefined;
  const within = formatDuration(recheckTime(service));
  return `${service.name}: ${serverTitle(service, server)} stays dead for ${within}, and returns then unless mon finds it dead again`;
}

/** Why an alert means nothing here, in a sentence; undefined where it means something. */
export function strangeness({ alert, unknown }: Told): string | undefined {
  return unknown && `an alert about ${alert.service}, ${alert.server} changes nothing: ${unknown.problem}`;
}
