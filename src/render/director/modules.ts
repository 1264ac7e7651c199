import type { Cluster } from '../../cluster/cluster.js';
import type { Output } from '../output.js';
import { SETTINGS } from '../output.js';
import { PLACES } from '../places.js';

/** Every scheduler in use once, in the description's order. */
function schedulers({ services }: Cluster): string[] {
  return [...new Set(services.map(service => service.scheduler))];
}

function usesSip({ services }: Cluster): boolean {
  return services.some(service => service.persistence?.engine === 'sip');
}

/** The kernel modules of a director, ip_vs first: the others need it. Tunnels need none here: ip_vs packs by itself. */
export function moduleNames(cluster: Cluster): string[] {
  return [
    'ip_vs',
    ...schedulers(cluster).map(name => `ip_vs_${name}`),
    ...(cluster.ipvs.ftpHelper ? ['ip_vs_ftp'] : []),
    ...(usesSip(cluster) ? ['ip_vs_pe_sip'] : []),
  ];
}

export function moduleOutputs(cluster: Cluster): Output[] {
  const { ftpHelper, tableBits } = cluster.ipvs;
  return [
    {
      kind: 'file',
      path: PLACES.modules,
      mode: SETTINGS,
      template: 'director/modules.conf.hbs',
      view: {
        schedulers: schedulers(cluster).map(name => `ip_vs_${name}`),
        ftpHelper,
        sip: usesSip(cluster),
      },
    },
    {
      kind: 'file',
      path: PLACES.moduleOptions,
      mode: SETTINGS,
      template: 'director/module-options.conf.hbs',
      view: { tableBits, rows: 2 ** tableBits, ftpHelper },
    },
  ];
}
