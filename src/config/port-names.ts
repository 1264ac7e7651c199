import type { Protocol } from '../cluster/service.js';
import type { PortNames } from './build/context.js';

/** The names of services(5): `http  80/tcp  www`. Read when the first name is asked for. */
export function portNames(services: string): PortNames {
  let ports: Map<string, number> | undefined;
  return {
    lookUp(name: string, protocol: Protocol): number | undefined {
      ports ??= parseServices(services);
      return ports.get(`${name}/${protocol}`);
    },
  };
}

function parseServices(text: string): Map<string, number> {
  const ports = new Map<string, number>();
  for (const line of text.split('\n')) {
    const [name, entry, ...aliases] = line.replace(/#.*/, '').trim().split(/\s+/);
    const [, port, protocol] = /^(\d{1,5})\/(\w+)$/.exec(entry ?? '') ?? [];
    if (!name || !port || Number(port) > 65535) continue;
    for (const one of [name, ...aliases]) {
      const key = `${one}/${protocol}`;
      if (!ports.has(key)) ports.set(key, Number(port));
    }
  }
  return ports;
}
