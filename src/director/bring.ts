import type { Step } from '../table/plan.js';
import type { Table } from '../table/table.js';
import { writeBatch } from './batch.js';
import type { Door } from './door.js';
import { readTable } from './kernel.js';
import { refusal } from './refusal.js';
import { planOf, type Target } from './target.js';

/** Writes, reads back and compares: whoever has a part in the table, nobody in front knows. */
export async function bring(door: Door, goal: Target, planned?: readonly Step[]): Promise<void> {
  // Loaded only where keepalived is the checker: an alert of mon must be quick.
  if (goal.checked)
    return await (await import('./keepalived/writer.js')).bringChecked(door, goal, goal.checked);
  const steps = planned ?? planOf(await readTable(door.ports), goal).steps;
  if (steps.length === 0) return;
  const said = await writeBatch(door, steps, goal.dead);
  const left = planOf(await readTable(door.ports), goal).steps;
  if (left.length > 0) throw refusal(left, said);
}

/** Whether there is nothing to bring about. */
export async function isBrought({ ports }: Door, table: Table, goal: Target): Promise<boolean> {
  if (planOf(table, goal).steps.length > 0) return false;
  if (!goal.checked) return true;
  return await (await import('./keepalived/writer.js')).isChecked(ports, goal.checked);
}

/** Refuses what could not be brought about, and not be taken back either, for what is found before it is begun. @throws StateFailure */
export async function refuseHindered({ ports }: Door, { checked }: Target): Promise<void> {
  if (checked) await (await import('./keepalived/tracks.js')).refuseFolders(ports.files, checked.tracks);
}
