import { serverLine } from '../table/format.js';
import { place } from '../table/overlay.js';
import type { Step } from '../table/plan.js';
import { missing } from './failure.js';
import type { Door } from './door.js';

/** Between the weight 0 of a server and its end: connections that were being made meanwhile are through. */
const GRACE = 500;

/**
 * Has ipvsadm(8) make the steps, each batch one process. Servers that go get weight 0 first; after a refusal nothing
 * is removed any more, since that would cut connections for nothing.
 *
 * @param dead servers, by `place`, that go at once
 * @returns what ipvsadm said, a line each; nothing where all went well
 * @throws KernelFailure where ipvsadm cannot be run
 */
export async function writeBatch(
  door: Door,
  steps: readonly Step[],
  dead: ReadonlySet<string> = new Set(),
): Promise<readonly string[]> {
  const said = await quieten(door, steps, dead);
  const removals = steps.filter(isRemoval).map(({ line }) => line);
  return said.length > 0 ? said : await restore(door, removals);
}

/**
 * The same but for the removals: servers that go get weight 0, and the connections that were being made are through
 * when this returns.
 */
export async function quieten(
  door: Door,
  steps: readonly Step[],
  dead: ReadonlySet<string> = new Set(),
): Promise<readonly string[]> {
  const others = steps.filter(one => !isRemoval(one)).map(({ line }) => line);
  const quiet = steps.filter(one => isRemoval(one) && !isDead(one, dead)).flatMap(quiescence);
  const said = await restore(door, [...others, ...quiet]);
  if (said.length === 0 && quiet.length > 0) await door.ports.clock.sleep(GRACE);
  return said;
}

function isRemoval({ change }: Step): boolean {
  return change.kind.startsWith('remove');
}

function isDead({ service, server }: Step, dead: ReadonlySet<string>): boolean {
  return service !== undefined && server !== undefined && dead.has(place({ service, server }));
}

function quiescence({ change }: Step): string[] {
  if (change.kind !== 'remove-server' || change.server.weight === 0) return [];
  return [serverLine('-e', change.key, { ...change.server, weight: 0 })];
}

async function restore({ ports, lock, echo }: Door, lines: readonly string[]): Promise<readonly string[]> {
  if (lines.length === 0) return [];
  for (const line of lines) echo(`ipvsadm ${line}`);
  const input = `${lines.join('\n')}\n`;
  const result = await ports.runner.run('ipvsadm', ['-R'], { input, holding: lock });
  if (result.missing) throw missing('ipvsadm');
  const { exitCode, stderr } = result;
  const said = stderr.split('\n').filter(line => line.trim() !== '');
  // The exit code is the last line's alone.
  if (said.length > 0 || exitCode === 0) return said;
  return [exitCode === undefined ? 'ipvsadm was ended by a signal' : `ipvsadm ended with ${exitCode}`];
}
