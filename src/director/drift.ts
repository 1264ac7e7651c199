import type { Step } from '../table/plan.js';
import type { Table } from '../table/table.js';
import { planOf } from './target.js';
import { type Running, targetFor } from './running.js';

/** The entries of the table that were not as what runs has them. */
export function driftOf(running: Running, table: Table): ReadonlySet<string> {
  const { current } = running;
  if (!current) return new Set();
  return new Set(planOf(table, targetFor(current.cluster, running)).steps.map(placeText));
}

/** One entry of the table, in words. */
export function placeText({ service, server }: Step): string {
  return `${service} ${server}`;
}
