import { familyOf } from '../../cluster/address.js';
import type { Server } from '../../cluster/service.js';
import type { DirectorPart, FileOutput } from '../output.js';
import { SETTINGS } from '../output.js';
import { PLACES } from '../places.js';
import { synchronises } from './synchronisation.js';

export function sysctlOutput(input: DirectorPart): FileOutput {
  const { cluster, serves } = input;
  const nat = cluster.services.flatMap(service =>
    service.servers.filter(server => server.forwarding === 'nat'),
  );
  const has = (family: string): boolean => nat.some((server: Server) => familyOf(server.address) === family);
  const pings = cluster.services.some(service => service.check.type === 'ping');
  const synchronised = synchronises(cluster);
  return {
    kind: 'file',
    path: PLACES.directorSysctls,
    mode: SETTINGS,
    template: 'director/sysctl.conf.hbs',
    view: {
      synchronised,
      backupOnly: serves && synchronised,
      nat: has('ipv4'),
      nat6: has('ipv6'),
      redirects: serverSides(input).map(redirectKey),
      pings: pings && cluster.checker === 'keepalived',
    },
  };
}

/** Where the NAT servers are: with one arm the clients' own interface. */
function serverSides({ cluster, director }: DirectorPart): string[] {
  const inner = [director?.inner?.interface, cluster.gateway?.interface].filter(one => one !== undefined);
  if (inner.length > 0) return [...new Set(inner)];
  return director ? [director.interface] : [];
}

/** With `/` a dot in the interface's name (eth0.100) stays one; sysctl(8) and systemd read both forms. */
function redirectKey(device: string): string {
  const separator = device.includes('.') ? '/' : '.';
  return ['net', 'ipv4', 'conf', device, 'send_redirects'].join(separator);
}
