import * as z from 'zod';
import { familyOf } from '../../cluster/address.js';
import { harmless } from '../../diagnostic/quote.js';
import { isDenied, KernelFailure } from '../../director/failure.js';
import type { Runner } from '../../system/ports.js';
import { NotKnown, output } from '../ask.js';

/** A question to the neighbours of one interface: who has the address? */
export interface Question {
  readonly address: string;
  readonly interface: string;
  /** An address that this machine has there: nobody learns a wrong neighbour by being asked. */
  readonly from: string;
  /** This machine has the address itself, wherever. */
  readonly isLocal: boolean;
}

/** Seconds in which all answers are there. */
const WAIT = 2;

/**
 * The hardware addresses, in capitals, of the other machines that answer.
 *
 * @param first whether one of them is enough
 * @throws NotKnown, KernelFailure where they cannot be asked
 */
export async function answersTo(runner: Runner, question: Question, first = false): Promise<string[]> {
  if (familyOf(question.address) === 'ipv4') return await askArp(runner, question, first);
  const answers = await askNeighbours(runner, question, first);
  if (answers) return answers;
  // What is here the kernel does not ask anybody for.
  if (question.isLocal)
    throw new NotKnown(`there is no ndisc6 to ask who else has ${question.address}`, install('ndisc6'));
  return await askKernel(runner, question);
}

/**
 * By arping(8) of iputils. -b: else all questions but the first go to the first who answered, alone. Its exit code says
 * nothing of interest.
 */
async function askArp(
  runner: Runner,
  { address, interface: device, from }: Question,
  first: boolean,
): Promise<string[]> {
  const args = [first ? '-f' : '-b', '-w', String(WAIT), '-I', device, '-s', from, address];
  const { stdout, stderr, missing, exitCode } = await runner.run('arping', args);
  if (missing) throw new NotKnown('there is no arping to ask the neighbours with', install('iputils-arping'));
  if (exitCode !== 0 && exitCode !== 1) throw failed('arping', stderr);
  if (!stdout.startsWith('ARPING '))
    throw new NotKnown('arping is not that of iputils', install('iputils-arping'));
  return hardwareIn(stdout, /\breply from \S+ \[([0-9A-Fa-f:]{17})\]/g);
}

/** By ndisc6(8), which hears all who answer; undefined where it is missing. */
async function askNeighbours(
  runner: Runner,
  { address, interface: device }: Question,
  first: boolean,
): Promise<string[] | undefined> {
  const args = [first ? '-1' : '-m', '-n', '-r', '1', '-w', String(WAIT * 1000), address, device];
  const { stdout, stderr, missing, exitCode } = await runner.run('ndisc6', args);
  if (missing) return undefined;
  // 2: nobody has answered.
  if (exitCode !== 0 && exitCode !== 2) throw failed('ndisc6', stderr);
  return hardwareIn(stdout, /^Target link-layer address: ([0-9A-Fa-f:]{17})\s*$/gm);
}

const neighbours = z.array(z.object({ lladdr: z.string().optional() }));

/** By the kernel, which asks when there is something to send, and keeps one answer. */
async function askKernel(runner: Runner, { address, interface: device }: Question): Promise<string[]> {
  await runner.run('ping', ['-6', '-q', '-c', '1', '-W', String(WAIT), '-I', device, address]);
  const text = await output(runner, 'ip', '-j', '-6', 'neigh', 'show', 'to', address, 'dev', device);
  const found = neighbours.safeParse(text.trim() === '' ? [] : JSON.parse(text));
  return (found.data ?? []).flatMap(({ lladdr }) => (lladdr === undefined ? [] : [lladdr.toUpperCase()]));
}

function install(name: string): string {
  return `install it (Debian: package ${name})`;
}

function failed(program: string, stderr: string): Error {
  const said = harmless(stderr.trim().split('\n')[0]!.slice(0, 200));
  if (isDenied(stderr)) return new KernelFailure('not-permitted', `${program}: ${said}`, 'try as root');
  return new NotKnown(`${program}: ${said || 'it failed'}`);
}

function hardwareIn(text: string, pattern: RegExp): string[] {
  return [...new Set([...text.matchAll(pattern)].map(([, found]) => found!.toUpperCase()))];
}
