import { hostname, networkInterfaces } from 'node:os';
import type { Net } from './ports.js';
import { serve } from './serve.js';

export function createNet(): Net {
  return {
    hostName: hostname,
    addresses: () =>
      Object.values(networkInterfaces()).flatMap(list => (list ?? []).map(one => one.address.split('%')[0]!)),
    serve,
  };
}
