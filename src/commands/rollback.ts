import { currentGeneration, readGeneration } from '../state/generations.js';
import { forgetLost, isLost } from '../director/forget-lost.js';
import { StateFailure } from '../state/failure.js';
import { carryOut, reasonOf } from './apply.js';
import type { Context, Run } from './context.js';
import { generationNumber } from './generation-number.js';
import { enter, visitor } from './visit.js';

export const run: Run = async (context, [given], options) => {
  const reason = reasonOf(options);
  const asked = given === undefined ? undefined : generationNumber(given);
  const which = asked === undefined ? await last(context) : { number: asked };
  const { files } = context.ports;
  const { cluster, description, number } = await readGeneration(files, which.number);
  if (options['dryRun'] !== true && (await isLost(files))) {
    await enter(context, visitor(context, 'rollback'), forgetLost);
  }
  return await carryOut(context, options, description.name, {
    cluster,
    description,
    author: context.user,
    by: `rollback to ${number}`,
    ...(reason === undefined ? {} : { reason }),
    prune: false,
    returns: true,
    ...('runs' in which ? { runs: which.runs } : {}),
  });
};

/** The generation that what runs has replaced. @throws StateFailure */
async function last({ ports }: Context): Promise<{ readonly number: number; readonly runs: number }> {
  const current = await currentGeneration(ports.files);
  if (!current) throw new StateFailure('absent', 'nothing has been applied yet');
  if (current.replaces !== null) return { number: current.replaces, runs: current.number };
  const help = 'lvsctl history names those that there are';
  throw new StateFailure('absent', `generation ${current.number} replaced no other`, help);
}
