import { endpoint } from '../cluster/address.js';
import { entrances } from '../cluster/naming.js';
import { PLACES } from '../render/places.js';
import { serve } from './acts.js';
import type { Lab } from './lab.js';

/** Starts what the installed trees have for the kernel alone, and servers for what the services offer. */
export async function bringUp(lab: Lab, step: (text: string) => void): Promise<void> {
  const endpoints = lab.cluster.services
    .flatMap(entrances)
    .filter(one => one.protocol !== 'sctp' && one.port > 0)
    .map(one => `${one.protocol}:${endpoint(one.address, one.port)}`);
  await Promise.all(
    lab.role('server').map(async host => {
      await host.sh(`${PLACES.realServerScript} start`);
      await serve(host, ...endpoints);
    }),
  );
  step('the real servers are up');
  await lab.role('director')[0]?.sh(`${PLACES.directorScript} start`);
  step('the director is up');
}
