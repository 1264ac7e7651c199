import { hostFinder } from '../cluster/machines.js';
import { kernelPort, serverKey, serviceKey } from '../cluster/naming.js';
import { quote } from '../diagnostic/quote.js';
import type { JournalEntry } from '../state/events.js';
import { StateFailure } from '../state/failure.js';
import { currentGeneration } from '../state/generations.js';
import { entriesFrom, lastEntries, type Position } from '../state/journal-entries.js';
import type { Files } from '../system/ports.js';
import { classicText, logJson, logText, type Names } from '../view/log.js';
import type { Context, Options, Run } from './context.js';
import { EXIT, Failure } from './exit.js';
import { wantedOf } from './log/filter.js';
import { teller } from './log/teller.js';

/** So many are shown before what follows, as tail(1) has it. */
const BEFORE = 10;
/** Milliseconds after which a journal that is followed is looked at again. */
const PAUSE = 500;

export const run: Run = async (context, _args, options) => {
  refuseContradictions(options);
  if (options['rebuild'] === true) return await (await import('./log/rebuild.js')).run(context, [], options);
  const { files, clock } = context.ports;
  const wanted = await wantedOf(context, options);
  const print = printer(context, options, await namesOf(files));
  const tell = teller(context, 'log');
  const follow = options['follow'] === true;
  let position: Position | undefined;
  const last = lastOf(options) ?? (follow && options['since'] === undefined ? BEFORE : undefined);
  if (last !== undefined) {
    const batch = await lastEntries(files, wanted, last);
    ({ position } = batch);
    tell.damaged(batch.damaged);
    for (const entry of batch.entries) print(entry);
  }
  for (;;) {
    if (last === undefined || follow) {
      for await (const batch of entriesFrom(files, wanted, position)) {
        ({ position } = batch);
        tell.damaged(batch.damaged);
        for (const entry of batch.entries) print(entry);
        if (context.stop.aborted) return EXIT.done;
      }
    }
    tell.end();
    if (!follow) return EXIT.done;
    await clock.sleep(PAUSE, context.stop);
    if (context.stop.aborted) return EXIT.done;
  }
};

/** @throws Failure (64) */
function refuseContradictions(options: Options): void {
  const given = (name: string): boolean => options[name] !== undefined;
  const filters = ['last', 'since', 'until', 'service', 'server', 'event', 'follow', 'classic'];
  const filter = filters.find(given);
  if (given('rebuild') && filter)
    throw new Failure(EXIT.usage, `--rebuild shows nothing: leave out --${filter}`);
  if (given('dryRun') && !given('rebuild'))
    throw new Failure(EXIT.usage, '--dry-run is for --rebuild: nothing else changes anything');
  if (given('follow') && given('until'))
    throw new Failure(EXIT.usage, '--follow has no end: leave out --until');
  if (given('classic') && options['output'] === 'json')
    throw new Failure(EXIT.usage, '--classic is a form of its own: leave out --output');
}

function lastOf({ last }: Options): number | undefined {
  if (typeof last !== 'string') return undefined;
  if (/^[1-9]\d{0,6}$/.test(last)) return Number(last);
  throw new Failure(EXIT.usage, `--last takes a number from 1 to 9999999, not ${quote(last)}`);
}

function printer(context: Context, options: Options, names: Names): (entry: JournalEntry) => void {
  if (options['output'] === 'json') return entry => context.out(logJson(entry));
  if (options['classic'] === true) return entry => context.out(classicText(entry, names));
  return entry => context.out(logText(entry, names, context.outStyle));
}

/** What runs gives the names; where it cannot be read, addresses do. */
async function namesOf(files: Files): Promise<Names> {
  const services = new Map<string, string>();
  const servers = new Map<string, string>();
  try {
    const cluster = (await currentGeneration(files))?.cluster;
    const hostOf = cluster && hostFinder(cluster);
    for (const service of cluster?.services ?? []) {
      services.set(serviceKey(service.virtual), service.name);
      for (const server of service.servers) {
        const key = serverKey({ ...server, port: kernelPort(service, server) });
        servers.set(key, hostOf?.(server)?.name ?? server.address);
      }
    }
  } catch (error) {
    if (!(error instanceof StateFailure)) throw error;
  }
  return { services, servers };
}
