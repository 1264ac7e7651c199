import { serverKey } from '../../cluster/naming.js';
import type { Service } from '../../cluster/service.js';
import { monitorLine, monWord } from '../mon/monitor.js';
import { watchesOf } from '../mon/watches.js';
import { type DirectorInput, type Output, PROGRAM, SETTINGS } from '../output.js';
import { PLACES } from '../places.js';

/** mon(8) on a director: what it watches, what it asks with, whom it tells. */
export function monTarget({ cluster, fragment }: DirectorInput): Output[] {
  if (cluster.checker !== 'mon') return [];
  const { mon } = cluster;
  const part = fragment(mon.config);
  const ownPlaces = mon.config !== '/etc/mon/mon.cf';
  return [
    {
      kind: part ? 'block' : 'file',
      path: mon.config,
      mode: SETTINGS,
      template: 'mon/mon.cf.hbs',
      get view() {
        // In a file that someone else owns, the global settings are theirs.
        return { mon, whole: !part, watches: watches(cluster.services) };
      },
    },
    program(mon.monitors, 'lvs.monitor'),
    program(mon.alerts, 'lvs.alert'),
    {
      kind: 'file',
      path: PLACES.monDropIn,
      mode: SETTINGS,
      template: 'mon/mon.service.conf.hbs',
      view: { config: ownPlaces ? mon.config : null },
    },
  ];
}

/** mon takes several folders, separated by colons; ours goes into the first. */
function program(folders: string, name: string): Output {
  const folder = folders.split(':')[0]!;
  return { kind: 'program', path: `${folder}/${name}`, mode: PROGRAM, source: `mon/${name}` };
}

function watches(services: readonly Service[]): object[] {
  return watchesOf(services).map(({ service, server, name }) => ({
    name,
    address: server.address,
    type: service.check.type,
    // mon reads decimals only with a unit, and only seconds among those shorter than a minute.
    interval: `${service.check.interval / 1000}s`,
    monitor: monitorLine(service, server),
    failures: String(service.check.retries + 1),
    // The alert learns from these which entry of the table is meant; names of groups cannot hold it.
    subject: `${monWord(service.name)} ${monWord(serverKey(server))}`,
  }));
}
