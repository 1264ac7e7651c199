import type { Step } from '../table/plan.js';
import type { Table } from '../table/table.js';
import { writeBatch } from './batch.js';
import type { Door } from './door.js';
import { bringChecked, isChecked } from './keepalived/writer.js';
import { readTable } from './kernel.js';
import { refusal } from './refusal.js';
import { planOf, type Target } from './target.js';

/** Writes, reads back and compares: whoever has a part in the table, nobody in front knows. */
export async function bring(door: Door, goal: Target, planned?: readonly Step[]): Promise<void> {
  if (goal.checked) return await bringChecked(door, goal, goal.checked);
  const steps = planned ?? planOf(await readTable(door.ports), goal).steps;
  if (steps.length === 0) return;
  const said = await writeBatch(door, steps, goal.dead);
  const left = planOf(await readTable(door.ports), goal).steps;
  if (left.length > 0) throw refusal(left, said);
}

/** Whether there is nothing to bring about. */
export async function isBrought({ ports }: Door, table: Table, goal: Target): Promise<boolean> {
  if (planOf(table, goal).steps.length > 0) return false;
  return !goal.checked || (await isChecked(ports, goal.checked));
}
