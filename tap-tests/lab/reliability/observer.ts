import type { Host } from '../../../src/lab/lab.js';
import { parseLoad, parseTables, type Request, type TableState } from './observed.js';

/** Seconds after which a client gives up. */
export const PATIENCE = 3;
/** Milliseconds between two looks at the table. */
const PAUSE = 50;
const AT = '/tmp/observed';

/** Clients that go on asking at a steady rate, and somebody who looks at the director's table meanwhile. */
export class Observer {
  private constructor(
    private readonly client: Host,
    private readonly director: Host,
  ) {}

  static async start(
    client: Host,
    director: Host,
    service: { readonly address: string; readonly port: number },
    rate: number,
  ): Promise<Observer> {
    await follow(director, director.perl('table', [PAUSE]));
    await follow(client, client.perl('load', [rate, service.address, service.port, PATIENCE]));
    return new Observer(client, director);
  }

  async requests(): Promise<Request[]> {
    return parseLoad(await this.client.sh(`cat ${AT}.out`));
  }

  async tables(): Promise<TableState[]> {
    return parseTables(await this.director.sh(`cat ${AT}.out`));
  }

  /** The table as it is. */
  async now(): Promise<TableState> {
    const states = parseTables(await this.director.sh(`tail -n 1 ${AT}.out`));
    return states[0] ?? { seconds: 0, weights: new Map() };
  }

  async stop(): Promise<void> {
    for (const host of [this.client, this.director]) await host.sh(`kill "$(cat ${AT}.pid)"`);
  }
}

async function follow(host: Host, command: string): Promise<void> {
  await host.sh(`(setsid ${command} & echo $! >${AT}.pid) </dev/null >${AT}.out 2>&1`);
}

/** The machine's clock on a host, in seconds since its boot: what load.pl and table.pl count by, to a hundredth. */
export async function machineTime(host: Host): Promise<number> {
  return Number(await host.sh('read up _ </proc/uptime; echo $up'));
}
