import { deadlines, settle } from '../state/deadlines.js';
import { putAside } from '../state/documents.js';
import { failureText, StateFailure } from '../state/failure.js';
import { readGeneration } from '../state/generations.js';
import { type Event, numbers } from '../state/events.js';
import { writeHealth } from '../state/health.js';
import { removeIntent } from '../state/intent.js';
import { removeLingering } from '../state/lingering.js';
import { tellable, writeNotices } from '../state/notices.js';
import { writeOperator } from '../state/operator.js';
import { recording } from '../state/replay.js';
import { staging } from '../state/staging.js';
import { settleAlerts } from './alerts.js';
import { type Door, keep, move, note } from './door.js';
import { KernelFailure } from './failure.js';
import { readTable } from './kernel.js';
import type { Step } from '../table/plan.js';
import type { Generation } from '../state/generation.js';
import type { Renewal } from './renewal.js';
import { warnOfLoss } from './loss.js';
import { post } from './notify.js';
import { machineChange, staysText } from './host/change.js';
import {
  beforeLvsctl,
  foundSince,
  type Hearer,
  type Ran,
  readRunning,
  type Running,
  targetFor,
} from './running.js';
import { keepHeld, withHeld } from './keepalived/held.js';
import { restoreHealth } from './restore-health.js';
import { stepEvents } from './step-events.js';
import { accountsOf, sentencesOf, strangeness } from './tell.js';

/**
 * Settles what has come due, and what checkers have said meanwhile: a trial that nobody has confirmed ends, alerts are
 * heard, drains begin and end, weights rise. The table comes first, then the journal, then what is written down: killed
 * in between, the next run finds the same still due, a table that is right already, and says once more what it settles.
 * What cannot be settled stays due, and keeps nobody from what else there is to do.
 *
 * @param unable is told of each that cannot be
 * @param heard is told what was heard, once it has had its effect
 * @returns what then runs
 * @throws StateFailure where the state cannot be read
 */
export async function settleDue(
  door: Door,
  unable: (error: KernelFailure | StateFailure) => void = error =>
    door.warn(`what has come due is not settled: ${failureText(error)}`),
  heard: (running: Hearer) => void = running => tellAll(door, running),
): Promise<Running> {
  const { now } = door.stamp;
  const { files } = door.ports;
  const read = async (): Promise<Running> => {
    const found = await readRunning(files, now, text => door.warn(text), {
      aside: path => putAside(files, path),
      restore: (health, was) => restoreHealth(door, health, was),
    });
    const checked = await withHeld(door.ports, found);
    await keepHeld(door.ports, checked, events => note(door, events));
    return checked;
  };
  let running = await read();
  const { back } = settle(running, door.stamp);
  if (back !== undefined) {
    const ran = { ...running, current: running.current! };
    await attempt(door, unable, () => endTrial(door, ran, back));
    running = await read();
  }
  const { waiting } = running;
  if (waiting) {
    const hearer = { ...running, waiting };
    await attempt(door, unable, async () => {
      await settleAlerts(door, hearer);
      heard(hearer);
    });
    running = await read();
  }
  const isSame = (await attempt(door, unable, () => settleTimes(door, running))) === false;
  if (!isSame) running = await read();
  await warnOfLoss({ ...door, now }, running);
  return running;
}

function tellAll({ warn }: Door, { current, overlay, waiting: { told } }: Hearer): void {
  const accounts = current ? accountsOf(current.cluster, overlay, told) : [];
  for (const sentence of accounts.flatMap(sentencesOf)) warn(sentence);
  for (const one of told) {
    const strange = strangeness(one);
    if (strange !== undefined) warn(strange);
  }
}

/** What comes due by its time, but for a trial. @returns whether there was anything */
async function settleTimes(door: Door, running: Running): Promise<boolean> {
  const { files } = door.ports;
  // Alerts that could not be settled count in the table, and are not written down before their time.
  const kept = running.waiting ? { ...running, health: running.waiting.before } : running;
  const { due, operator, health } = settle(kept, door.stamp);
  // The steps on the way up come due without a deadline that ends.
  const rises = deadlines(kept, door.stamp.now).some(one => one.what === 'slow-start');
  // The others have been heard with the alerts, or still are to be.
  const others = due.flatMap(one =>
    one.what === 'revert' || one.what === 'tells' || one.what === 'recheck-ends' ? [] : one,
  );
  const tells = due.some(one => one.what === 'tells');
  if (tells) await tellHeldBack(door, running);
  if (others.length === 0 && !rises) return tells;
  await reconcile(door, running, 'its time');
  const events = others.map(one => ({ event: one.what, cause: 'its time', ...('at' in one ? one.at : {}) }));
  const staged = staging(files);
  if (operator !== kept.operator) await writeOperator(staged.files, operator);
  if (health !== kept.health) await writeHealth(staged.files, health);
  await note(door, recording(events, kept, { operator, health }));
  await staged.commit();
  if (running.lingering?.isOver) await removeLingering(files);
  return true;
}

/** The messages that had to wait. They are on their way before the file forgets them: rather told twice than never. */
async function tellHeldBack({ ports, stamp }: Door, { current, notices: kept }: Running): Promise<void> {
  const { messages, notices } = tellable(kept, new Map(), stamp.now);
  if (current) await post(ports, stamp.host, current.cluster.notify, messages);
  await writeNotices(ports.files, notices);
}

/** @returns what the act does; undefined where it could not be done */
async function attempt<T>(
  { ports }: Door,
  unable: (error: KernelFailure | StateFailure) => void,
  act: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof KernelFailure || error instanceof StateFailure)) throw error;
    // What stays due needs no intent to be found again, and what is done next must not be turned round by one.
    await removeIntent(ports.files);
    unable(error);
    return undefined;
  }
}

/**
 * What held before a trial runs again. Nobody has wished for the trial any more, so nothing that could be mended later
 * may keep it running: without templates it ends all the same, but for what only they say.
 */
async function endTrial(door: Door, ran: Ran, back: number | null): Promise<void> {
  const table = await readTable(door.ports);
  const { files } = door.ports;
  const { current: trial, lingering } = ran;
  const held = back === null ? undefined : await readGeneration(files, back);
  const target = held ? targetFor(held.cluster, ran) : await beforeLvsctl(files, ran, table);
  const cause = 'nobody has confirmed it';
  let unchanged = '';
  const machine = await machineChange(door, trial.cluster, held?.cluster, {
    found: await foundSince(files, trial, back),
    left: lingering?.addresses,
    otherwise: why => {
      door.warn(staysText(why));
      unchanged = '; a template cannot be used: firewall marks and settings stay as they are';
    },
  });
  const renewal = await returning(door, trial, held);
  const { number } = trial;
  const events = (steps: readonly Step[]): Event[] => [
    { event: 'reverted', cause: `${cause}${unchanged}`, ...numbers(number, back) },
    ...stepEvents(steps, { event: 'changed', cause }),
  ];
  await move(door, { kind: 'return', from: number, to: back, target, machine, renewal, events }, table);
  for (const one of renewal?.notes ?? []) door.warn(one);
  door.warn(`generation ${number} was not confirmed in time: it is taken back`);
}

/** The files of what held, or those that were there before the first generation. Rarely asked, and loaded only then. */
async function returning(
  door: Door,
  trial: Generation,
  held: Generation | undefined,
): Promise<Renewal | undefined> {
  if (held) {
    const { filesChangeFor } = await import('./wished-files.js');
    return await filesChangeFor({ ...held, returns: true }, { current: trial }, door);
  }
  try {
    return await (await import('./first-files.js')).renewalToFirst(door.ports, trial.cluster);
  } catch (error) {
    if (!(error instanceof StateFailure)) throw error;
    door.warn(`the rendered files of this host stay as they are: ${failureText(error)}`);
    return undefined;
  }
}

/** Brings the table to what runs now. */
async function reconcile(door: Door, running: Running, cause: string): Promise<void> {
  const { current } = running;
  if (!current) return;
  const table = await readTable(door.ports);
  const left = running.lingering?.isOver ? running.lingering.addresses : [];
  const machine = await machineChange(door, current.cluster, current.cluster, { left });
  const why = { event: 'changed', cause } as const;
  await keep(door, current.number, targetFor(current.cluster, running), table, why, machine);
}
