import { serviceKey } from '../../cluster/naming.js';
import { readCounters } from '../../director/kernel.js';
import { readRunning, type Running } from '../../director/running.js';
import { momentNow } from '../../state/moment.js';
import { explain } from '../../table/explain.js';
import { place } from '../../table/overlay.js';
import type { CounterTable } from '../../table/parse/listing.js';
import { type CountedService, countersText } from '../../view/counters.js';
import type { Context } from '../context.js';
import { EXIT } from '../exit.js';
import { meant } from './meant.js';
import { visitor } from '../visit.js';

/** The tables of `ipvsadm -L --stats` and `--rate`, with the names of what runs. */
export async function showCounters(
  context: Context,
  name: string | undefined,
  which: readonly ('stats' | 'rate')[],
): Promise<number> {
  const { ports } = context;
  const { warn } = visitor(context, 'status');
  const running = await readRunning(ports.files, await momentNow(ports.files, ports.clock), warn);
  const tables = await Promise.all(which.map(one => readCounters(ports, one)));
  const names = namesOf(running);
  const texts = which.map((one, index) => {
    const all = countedServices(tables[index]!, names);
    return countersText(meant(all, name, running.current?.cluster), one);
  });
  context.out(texts.join('\n'));
  return EXIT.done;
}

/** Names of services by `serviceKey`, and hosts of servers by `place`. */
function namesOf({ current }: Running): ReadonlyMap<string, string> {
  if (!current) return new Map();
  return new Map(
    explain(current.cluster).flatMap(({ service, key, servers }) => [
      [serviceKey(service.virtual), service.name] as const,
      ...servers.flatMap(one =>
        one.server.host === undefined
          ? []
          : [[place({ service: key, server: one.key }), one.server.host] as const],
      ),
    ]),
  );
}

function countedServices(
  { services, servers }: CounterTable,
  names: ReadonlyMap<string, string>,
): CountedService[] {
  const found = new Map(
    [...services].map(([key, counters]) => [
      key,
      { key, name: names.get(key) ?? key, counters, servers: [] as CountedService['servers'][number][] },
    ]),
  );
  for (const [at, counters] of servers) {
    const [key = '', name = ''] = at.split(' ');
    const host = names.get(at);
    found.get(key)?.servers.push({ name, counters, ...(host === undefined ? {} : { host }) });
  }
  return [...found.values()];
}
