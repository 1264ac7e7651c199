import { entrances } from '../cluster/naming.js';
import { ask } from './acts.js';
import { bringUp } from './bring-up.js';
import type { LabEvent } from './events.js';
import type { Lab } from './lab.js';

/** Brings a cluster up whose trees are installed, runs the drills on it, and tells each when it begins and ends. */
export async function rehearse(lab: Lab, tell: (event: LabEvent) => void): Promise<void> {
  await bringUp(lab, text => tell({ event: 'step', text }));
  const asked = lab.cluster.services.flatMap(service => entrances(service).map(one => ({ service, one })));
  for (const [index, { service, one }] of asked.entries()) {
    const title = `${service.name} answers`;
    tell({ event: 'begin', number: index + 1, of: asked.length, title });
    const how = one.protocol === 'udp' ? 'udp' : 'tcp';
    const counts = await ask(lab.client, how, one.address, one.port, 10);
    const outcome = counts['-'] === undefined ? 'passed' : 'failed';
    const detail = JSON.stringify(counts);
    tell({
      event: 'end',
      id: 'traffic',
      title,
      subject: service.name,
      outcome,
      detail,
      figures: {},
      seconds: 1,
    });
  }
}
