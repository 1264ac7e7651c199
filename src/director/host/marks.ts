import type { Runner } from '../../system/ports.js';
import { missing } from '../failure.js';
import { type Act, command } from './act.js';

/** The table of nft(8) that is ours alone. */
const TABLE = ['table', 'inet', 'lvsctl_marks'] as const;

/** @throws KernelFailure where nft is missing */
export async function marksThere(runner: Runner): Promise<boolean> {
  return (await marksHere(runner)) !== null;
}

/** The marks that are loaded, as rules for `nft -f`; null where there are none. @throws KernelFailure where nft is missing */
export async function marksHere(runner: Runner): Promise<string | null> {
  const result = await runner.run('nft', ['list', ...TABLE]);
  if (result.missing) throw missing('nft');
  const name = TABLE.join(' ');
  // In one step: the table is made in case there is none, so that it can be deleted.
  return result.exitCode === 0 ? `${name}\ndelete ${name}\n${result.stdout}` : null;
}

/** Loads them whole or not at all, in place of those before. */
export function loadMarks(rules: string): Act {
  const text = rules.endsWith('\n') ? rules : `${rules}\n`;
  return { program: 'nft', args: ['-f', '-'], input: text, line: `nft -f - <<'END'\n${text}END` };
}

export const removeMarks: Act = command('nft', 'delete', ...TABLE);
