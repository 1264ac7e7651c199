import { currentGeneration, readGeneration } from '../state/generations.js';
import type { Generation } from '../state/generation.js';
import { StateFailure } from '../state/failure.js';
import { carryOut, reasonOf } from './apply.js';
import type { Context, Run } from './context.js';
import { generationNumber } from './generation-number.js';

export const run: Run = async (context, [given], options) => {
  const reason = reasonOf(options);
  const asked = given === undefined ? undefined : generationNumber(given);
  const old = await readGeneration(context.ports.files, asked ?? (await numberBefore(context)));
  const { cluster, description, number }: Generation = old;
  return await carryOut(context, options, description.name, {
    cluster,
    description,
    author: context.user,
    by: `rollback to ${number}`,
    ...(reason === undefined ? {} : { reason }),
    prune: false,
  });
};

async function numberBefore({ ports }: Context): Promise<number> {
  const current = await currentGeneration(ports.files);
  if (!current) throw new StateFailure('absent', 'nothing has been applied yet');
  if (current.replaces !== null) return current.replaces;
  const help = 'lvsctl history names those that there are';
  throw new StateFailure('absent', `generation ${current.number} replaced no other`, help);
}
