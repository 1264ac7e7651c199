import { Held } from '../../../src/lab/held.js';
import { must } from '../lvsctl.js';
import { FAULTS, type Fault, flap, mend, start } from './faults.js';
import {
  changeAfter,
  departures,
  type Outcome,
  outcomeOf,
  type Request,
  type TableState,
} from './observed.js';
import { machineTime, PATIENCE } from './observer.js';
import { isWhole, type Stage, VICTIM, VIP } from './stage.js';

/** When something happened, by the machine's clock. */
interface Window {
  readonly name: string;
  /** What the table does of it. */
  readonly wanted: 'out' | 'in';
  readonly begin: number;
  /** When it was mended; the same as `end` where there was nothing to mend. */
  readonly mended: number;
  readonly end: number;
}

/** What came of one fault, once. */
export interface Row {
  readonly name: string;
  /** Seconds until the table had changed, and after the mending until it was whole; undefined where it did not. */
  readonly changed?: number;
  readonly back?: number;
  /** How often the server left the table. */
  readonly departures: number;
  readonly during: Outcome;
  readonly after: Outcome;
}

/** Seconds in which a dead server leaves the table even on a busy machine, or it never does. */
const LONGEST = 20;
/** Seconds of looking on, after the table has changed and after it is whole. */
const AFTER = 2;
const PATIENT = 200;

/** A fault, until the server has left the table, and its end, until it has returned. */
export async function suffer(stage: Stage, fault: Fault): Promise<Window> {
  const { lab, victim, observer } = stage;
  await calm(stage);
  const begin = Number((await victim.sh(`read up _ </proc/uptime; echo $up; ${fault.begin}`)).split('\n')[0]);
  if (fault.lasts === undefined) {
    const isOut = async (): Promise<boolean> => !isIn(await observer.now());
    await lab.until('', isOut, LONGEST).catch(() => undefined);
    await lab.pause(AFTER);
  } else await lab.pause(fault.lasts);
  const mended = await machineTime(victim);
  await mend(victim, fault);
  return { name: fault.name, wanted: 'out', begin, mended, end: await calmed(stage) };
}

export async function suffersFlaps(stage: Stage): Promise<Window> {
  await calm(stage);
  const begin = await machineTime(stage.victim);
  await flap(stage.victim, seconds => stage.lab.pause(seconds));
  const mended = await machineTime(stage.victim);
  return { name: 'flaps', wanted: 'out', begin, mended, end: await calmed(stage) };
}

/** A drain and its end. */
export async function drains(stage: Stage): Promise<Window[]> {
  const { lab, director } = stage;
  await calm(stage);
  const begin = await machineTime(director);
  await must(lab, director, 'lvsctl drain web web1');
  await lab.pause(AFTER);
  const between = await machineTime(director);
  await must(lab, director, 'lvsctl undrain web web1');
  const end = await calmed(stage);
  return [
    { name: 'drained', wanted: 'out', begin, mended: between, end: between },
    { name: 'undrained', wanted: 'in', begin: between, mended: end, end },
  ];
}

/** Connections that a client holds, of which every other one is with the server that is drained. */
const HELD = 4;

/** A drain that waits; then the program dies, is started again, and the drain is taken back. */
export async function drainsAndWaits(stage: Stage): Promise<Window> {
  const { lab, client, director, victim } = stage;
  await calm(stage);
  const held: Held[] = [];
  for (let n = 0; n < HELD; n++) held.push(await Held.open(client, VIP.address, VIP.port));
  const begin = await machineTime(director);
  const wait = must(lab, director, 'lvsctl drain web web1 --wait >/tmp/drained 2>&1');
  await lab.until(
    'it waits for the connections that are held',
    async () => (await director.run('cat /tmp/drained')).stdout.includes('left'),
    PATIENT,
  );
  for (const one of held) if ((await one.say()) === '-') throw new Error('a held connection was cut');
  for (const one of held) await one.end();
  await wait;
  await victim.run("pkill -9 -f '^perl .*stand-in'");
  await lab.pause(AFTER);
  const mended = await machineTime(victim);
  await start(victim);
  await must(lab, director, 'lvsctl undrain web web1');
  return { name: '`drain --wait`, then stopped', wanted: 'out', begin, mended, end: await calmed(stage) };
}

/** Waits until nothing is left of what was before. */
async function calm({ lab, observer }: Stage): Promise<void> {
  await lab.until('the table is whole', () => isWhole(observer), PATIENT);
  await lab.pause(AFTER);
}

async function calmed({ lab, observer, director }: Stage): Promise<number> {
  await lab
    .until('the table is whole again', () => isWhole(observer), PATIENT)
    .catch(async (error: unknown) => {
      const { stdout } = await director.run(
        'ls -l /run/lvsctl/inbox; cat /run/lvsctl/health.json; tail -n 12 /var/lib/lvsctl/journal.jsonl; ps ax | tail -n 20',
      );
      throw new Error(`${String(error)}\n${stdout}`);
    });
  await lab.pause(AFTER);
  return await machineTime(director);
}

function isIn({ weights }: TableState): boolean {
  return (weights.get(VICTIM) ?? 0) > 0;
}

/** All that there is to measure of one checker, one time. */
export async function everything(stage: Stage): Promise<Window[]> {
  const windows: Window[] = [];
  for (const fault of FAULTS) windows.push(await suffer(stage, fault));
  windows.push(await suffersFlaps(stage));
  if (stage.refusal === undefined) windows.push(...(await drains(stage)), await drainsAndWaits(stage));
  return windows;
}

/** What clients saw in these windows, and outside of them once all was up. */
export async function judged(
  { lab, observer, whole }: Stage,
  windows: readonly Window[],
): Promise<{ readonly rows: readonly Row[]; readonly calm: Outcome }> {
  // Whoever has asked until now has got an answer, or has none.
  await lab.pause(PATIENCE + 1);
  const [requests, tables] = await Promise.all([observer.requests(), observer.tables()]);
  const isInside = ({ sent }: Request): boolean =>
    windows.some(({ begin, end }) => sent >= begin - 1 && sent < end);
  const others = requests.filter(one => !isInside(one));
  const rows = windows.map(({ name, wanted, begin, mended, end }): Row => {
    const changed = changeAfter(tables, VICTIM, wanted, begin, end);
    const back = changeAfter(tables, VICTIM, 'in', mended, end);
    return {
      name,
      ...(changed === undefined ? {} : { changed }),
      ...(back === undefined || mended === end ? {} : { back }),
      departures: departures(tables, VICTIM, begin, end),
      // What was under way in the moment of the fault is lost by it, too.
      during: outcomeOf(requests, begin - 0.5, mended),
      after: outcomeOf(requests, mended, end),
    };
  });
  return { rows, calm: { ...outcomeOf(others, whole, Infinity), gap: 0 } };
}
