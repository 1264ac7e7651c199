import { isDeepStrictEqual } from 'node:util';
import type { Cluster } from '../../src/cluster/cluster.js';
import type { Generation } from '../../src/state/generation.js';
import { currentGeneration, holding, nextNumber, readGeneration } from '../../src/state/generations.js';
import { changesBetween, type Intent } from '../../src/state/intent.js';
import { endLeftover, findLeftover, type TableWork, transact } from '../../src/state/transaction.js';
import type { Files } from '../../src/system/ports.js';
import { desired } from '../../src/table/desired.js';
import { serverLine, serviceLine } from '../../src/table/format.js';
import type { Table, TableService } from '../../src/table/table.js';
import { FakeFiles } from '../support/fake-files.js';
import { after, generation } from './support.js';

const EVENT = { apply: 'applied', return: 'reverted', reconcile: 'mended' } as const;

/** What kill -9 does to a process, as far as this process can be told: nothing is done after it. */
export class Killed extends Error {}

/** A director: a disk, a kernel's table, and a process that may be killed before any step of its work. */
export class Director {
  readonly disk = new FakeFiles();
  /** The running process's way to the disk. */
  files: Files = this.disk;
  live: Table = { services: [], timeouts: { tcp: 900, tcpFin: 120, udp: 300 } };
  now = after(0);
  /** Steps that the process has made: changes of the disk, and lines that the kernel took. */
  steps = 0;
  /** Lines that the kernel refuses. */
  refuses = /^$/;
  /** What the journal has been told. */
  readonly told: string[] = [];
  private left = Infinity;

  /** From now on a new process, killed before its step n (from 1). */
  start(n = Infinity): void {
    this.steps = 0;
    this.left = n;
    const step = (): void => this.step();
    this.files = new Proxy(this.disk, {
      get(disk, name: keyof FakeFiles) {
        const own: unknown = disk[name];
        if (typeof own !== 'function') return own;
        const changes = !['look', 'read', 'list'].includes(name);
        return async (...args: unknown[]): Promise<unknown> => {
          if (changes) step();
          return await (own as (...all: unknown[]) => Promise<unknown>).apply(disk, args);
        };
      },
    });
  }

  private step(): void {
    if (++this.steps >= this.left) throw new Killed();
  }

  /** One apply, as a process does it: first what another left is ended. */
  async apply(cluster: Cluster, changes: Partial<Generation> = {}): Promise<void> {
    await this.recover();
    const current = await currentGeneration(this.files);
    const number = await nextNumber(this.files);
    const from = current?.number ?? null;
    const wanted = generation(number, { cluster, replaces: from, ...changes });
    const intent = this.intent('apply', from, number, desired(cluster));
    await transact(this.files, intent, wanted, this.work(desired(cluster), this.live));
  }

  /** The table is brought back to what runs. */
  async reconcile(): Promise<void> {
    const current = (await currentGeneration(this.files))!;
    const wanted = desired(current.cluster);
    const intent = this.intent('reconcile', current.number, current.number, wanted);
    await transact(this.files, intent, undefined, this.work(wanted, this.live));
  }

  /** A trial that was not confirmed ends. */
  async goBack(): Promise<void> {
    await this.recover();
    const current = await currentGeneration(this.files);
    const to = holding(current);
    const cluster = to === null ? undefined : await this.clusterOf(to);
    const wanted = cluster ? desired(cluster) : { ...this.live, services: [] };
    const intent = this.intent('return', current?.number ?? null, to, wanted);
    await transact(this.files, intent, undefined, this.work(wanted, this.live));
  }

  async recover(): Promise<void> {
    const leftover = await findLeftover(this.files, this.live, this.now);
    if (!leftover) return;
    const { from, to } = leftover.intent;
    const table = async (number: number | null): Promise<Table> =>
      number === null ? { ...this.live, services: [] } : desired(await this.clusterOf(number));
    const wanted = leftover.way === 'complete' ? await table(to) : this.live;
    await endLeftover(this.files, leftover, this.work(wanted, await table(from)));
  }

  /** Whether the table is what the generation that runs says. */
  async isTrue(): Promise<boolean> {
    const current = await currentGeneration(this.disk);
    const wanted = current ? desired(current.cluster).services : [];
    return isDeepStrictEqual(sorted(this.live.services), sorted(wanted));
  }

  private async clusterOf(number: number): Promise<Cluster> {
    return (await readGeneration(this.files, number)).cluster;
  }

  private intent(kind: Intent['kind'], from: number | null, to: number | null, wanted: Table): Intent {
    const changes = changesBetween(this.live, wanted);
    const events = [{ event: EVENT[kind], cause: `${from} to ${to}` }];
    return { kind, from, to, changes, begun: this.now, by: 'apply', events };
  }

  private work(forward: Table, back: Table): TableWork {
    const tell: TableWork['tell'] = events => {
      this.step();
      this.told.push(...events.map(({ event }) => event));
      return Promise.resolve();
    };
    return {
      forward: () => this.bring(forward),
      back: () => this.bring(back),
      tell,
      end: () => Promise.resolve(),
    };
  }

  /** Line by line, adds before deletes; the kernel goes on after a line that it refuses. */
  private async bring(wanted: Table): Promise<void> {
    let refused: string | undefined;
    const line = (text: string, act: () => void): void => {
      this.step();
      if (this.refuses.test(text)) refused = text;
      else act();
    };
    for (const service of wanted.services) {
      const there = this.find(service);
      const servers = there?.servers ?? [];
      if (!there) line(serviceLine('-A', service), () => this.put({ ...service, servers: [] }));
      for (const server of service.servers) {
        const text = serverLine('-a', service.key, server);
        if (servers.some(one => isDeepStrictEqual(one, server))) continue;
        line(text, () => {
          const others = (this.find(service)?.servers ?? []).filter(one => one.address !== server.address);
          this.put({ ...service, servers: [...others, server] });
        });
      }
      for (const server of servers) {
        if (service.servers.some(one => one.address === server.address)) continue;
        line(`-d ${server.address}`, () => {
          const others = this.find(service)!.servers.filter(one => one.address !== server.address);
          this.put({ ...service, servers: others });
        });
      }
    }
    for (const service of this.live.services) {
      if (wanted.services.some(one => isSame(one, service))) continue;
      line(`-D`, () => {
        this.live = { ...this.live, services: this.live.services.filter(one => !isSame(one, service)) };
      });
    }
    if (refused !== undefined) throw new Error(`the kernel refused ${refused}`);
    await Promise.resolve();
  }

  private find(service: TableService): TableService | undefined {
    return this.live.services.find(one => isSame(one, service));
  }

  private put(service: TableService): void {
    const others = this.live.services.filter(one => !isSame(one, service));
    this.live = { ...this.live, services: [...others, service] };
  }
}

function isSame(one: TableService, other: TableService): boolean {
  return isDeepStrictEqual(one.key, other.key);
}

function sorted(services: readonly TableService[]): string[] {
  return services
    .map(service =>
      [
        serviceLine('-A', service),
        ...service.servers.map(one => serverLine('-a', service.key, one)).toSorted(),
      ].join(),
    )
    .toSorted();
}
