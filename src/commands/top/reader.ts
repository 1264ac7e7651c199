import { harmless } from '../../diagnostic/quote.js';
import { KernelFailure } from '../../director/failure.js';
import { readCounters, readNow } from '../../director/kernel.js';
import { suspected } from '../../director/keepalived/held.js';
import { withHolds } from '../../director/keepalived/holds.js';
import { readRunning, type Running } from '../../director/running.js';
import { known } from '../../director/survey.js';
import { StateFailure } from '../../state/failure.js';
import { momentNow, shown } from '../../state/moment.js';
import { ratesBetween } from '../../table/rates.js';
import type { CounterTable } from '../../table/parse/listing.js';
import type { Table } from '../../table/table.js';
import { tableStatus } from '../../table/status.js';
import { timeText } from '../../view/times.js';
import type { TopFrame } from '../../view/top.js';
import type { Context } from '../context.js';

/** Reads what a live view shows, again and again; rates are those between two readings. */
export class Reader {
  #before: { readonly counters: CounterTable; readonly at: number } | undefined;

  constructor(
    private readonly context: Context,
    private readonly interval: number,
  ) {}

  /** @throws StateFailure, KernelFailure */
  async next(): Promise<TopFrame> {
    const { ports } = this.context;
    const now = await momentNow(ports.files, ports.clock);
    const notices: string[] = [];
    const found = await readRunning(ports.files, now, text => notices.push(harmless(text)));
    const [{ services, activity }, counters] = await Promise.all([
      readNow(ports),
      readCounters(ports, 'stats'),
    ]);
    const running = asSuspected(found, services);
    const rates = this.#rates(counters, ports.clock.elapsed());
    const runs = known(running);
    const table = tableStatus({ services, activity, ...(rates ? { rates } : {}) }, runs);
    const { current } = running;
    const time = new Date(now.at);
    if (current?.trial.state === 'waiting')
      notices.push(`taken back at ${timeText(shown(current.trial.due, now), time)} unless confirmed`);
    const { length } = table.drift;
    if (length > 0)
      notices.push(
        `the table differs from what should be in it in ${length} ${length === 1 ? 'line' : 'lines'}`,
      );
    return {
      host: ports.net.hostName(),
      now: time,
      interval: this.interval,
      ...(current ? { generation: current.number } : {}),
      notices,
      table,
    };
  }

  /** What could not be read now may be readable the next time: the last frame stays, and says why. */
  async again(last: TopFrame): Promise<TopFrame> {
    try {
      return await this.next();
    } catch (error) {
      if (!(error instanceof KernelFailure) && !(error instanceof StateFailure)) throw error;
      return {
        ...last,
        now: this.context.ports.clock.now(),
        notices: [`no longer read: ${harmless(error.message)}`],
      };
    }
  }

  #rates(counters: CounterTable, at: number): CounterTable | undefined {
    const before = this.#before;
    this.#before = { counters, at };
    return before && at > before.at
      ? ratesBetween(before.counters, counters, (at - before.at) / 1000)
      : undefined;
  }
}

/** keepalived is not asked every second, since it writes a line into its log each time: the table has to tell. */
function asSuspected(running: Running, services: Table['services']): Running {
  const { current, overlay } = running;
  if (current?.cluster.checker !== 'keepalived') return running;
  return { ...running, overlay: withHolds(overlay, suspected({ services }, current.cluster, overlay)) };
}
