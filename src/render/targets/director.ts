import { type DirectorInput, type Output, PROGRAM, SETTINGS } from '../output.js';
import { addressesView } from '../director/addresses.js';
import { fillsTable } from '../director/duties.js';
import { markedServices, marksOutputs } from '../director/marks.js';
import { moduleNames, moduleOutputs } from '../director/modules.js';
import { pollCronOutputs } from '../director/poll-cron.js';
import { ownDaemons } from '../director/synchronisation.js';
import { sysctlOutput } from '../director/sysctls.js';
import { PLACES } from '../places.js';

/** What makes a machine a director, whoever checks its servers and whoever decides which director is active. */
export function directorTarget(input: DirectorInput): Output[] {
  const { cluster } = input;
  return [
    {
      kind: 'file',
      path: PLACES.directorScript,
      mode: PROGRAM,
      template: 'director/director.lvs.dr.hbs',
      view: scriptView(input),
    },
    sysctlOutput(input),
    ...moduleOutputs(cluster),
    ...marksOutputs(cluster),
    {
      kind: 'file',
      path: PLACES.directorUnit,
      mode: SETTINGS,
      template: 'director/lvsctl-director.service.hbs',
      view: unitView(input),
    },
    ...pollCronOutputs(cluster),
  ];
}

function scriptView(input: DirectorInput): object {
  const { cluster, director } = input;
  const { by } = cluster.failover;
  const marks = markedServices(cluster).length > 0;
  const sync = ownDaemons(cluster, director);
  const table = fillsTable(cluster);
  return {
    places: PLACES,
    table,
    marks,
    sync,
    // Each with its Debian package.
    programs: [
      'ip:iproute2',
      'awk:mawk',
      ...(marks ? ['nft:nftables'] : []),
      ...(table || sync ? ['ipvsadm:ipvsadm'] : []),
    ],
    modules: moduleNames(cluster),
    addresses: addressesView(input),
    vrrp: by === 'vrrp',
    heartbeat: by === 'heartbeat',
    turns: by === 'heartbeat' && sync !== null && input.serves,
  };
}

function unitView({ cluster }: DirectorInput): object {
  const heartbeat = cluster.failover.by === 'heartbeat';
  return {
    script: PLACES.directorScript,
    heartbeat,
    keepalived: cluster.failover.by === 'vrrp' || cluster.checker === 'keepalived',
    vrrp: cluster.failover.by === 'vrrp',
    table: fillsTable(cluster),
    marks: markedServices(cluster).length > 0,
  };
}
