import { familyOf } from '../../cluster/address.js';
import type { Family } from '../../cluster/service.js';
import type { Runner } from '../../system/ports.js';
import type { HeldAddress } from '../../director/host/held.js';
import type { Check } from '../check.js';
import type { Finding } from '../finding.js';
import type { Patient } from '../patient.js';
import { tasksHere } from '../realserver/part.js';
import { inGroups } from './groups.js';
import { type Heard, judgeAnswers } from './judge.js';
import { answersTo } from './neighbours.js';
import { type Known, knownMachines, questionFor, type VipQuestion, vipQuestions } from './questions.js';

export const arpAnswers: Check = {
  name: 'arp-answers',
  about: 'one machine answers ARP for each VIP, as its neighbours hear it, and that is a director',
  examine: patient => examineFamily(patient, 'ipv4'),
};

export const neighbourAnswers: Check = {
  name: 'neighbour-answers',
  about: 'one machine answers for each IPv6 VIP, as its neighbours hear it, and that is a director',
  examine: patient => examineFamily(patient, 'ipv6'),
};

/** Each takes two seconds, so many at a time; nobody waits for thousands. */
const MOST = 256;

async function examineFamily(patient: Patient, family: Family): Promise<readonly Finding[] | undefined> {
  const { cluster, machine } = patient;
  const { runner } = patient.ports;
  const held = await patient.addresses();
  const questions = vipQuestions(cluster, machine, (await tasksHere(patient)) ?? [], held).filter(
    one => familyOf(one.address) === family,
  );
  if (questions.length === 0) return undefined;
  const machines = knownMachines(cluster, held).filter(one => familyOf(one.address) === family);
  const devices = [...new Set(questions.map(one => one.interface))];
  const who = new Who(runner, held, devices);
  const [heard] = await Promise.all([
    hear(runner, questions.slice(0, MOST)),
    who.learn(machines.filter(one => one.kind === 'director')),
  ]);
  // Whoever answers is a director, unless something is wrong.
  if (heard.some(({ answers }) => answers.some(one => !who.known.has(one))))
    await who.learn(machines.filter(one => one.kind === 'server').slice(0, MOST));
  // A director is told by the check of its VIPs where none has them.
  const directs = machine.director !== undefined || machine.anonymousDirector;
  return [
    ...judgeAnswers(heard, who.known, one => who.directorsOn(one.interface), !directs),
    ...unasked(questions.length),
  ];
}

function hear(runner: Runner, questions: readonly VipQuestion[]): Promise<Heard[]> {
  return inGroups(questions, async one => ({ ...one, answers: await answersTo(runner, one) }));
}

/** Whose hardware addresses are whose. */
class Who {
  readonly known = new Map<string, Known>();
  readonly #directors = new Map<string, Set<string>>();

  constructor(
    private readonly runner: Runner,
    private readonly held: readonly HeldAddress[],
    private readonly devices: readonly string[],
  ) {}

  async learn(machines: readonly Known[]): Promise<void> {
    const asked = machines.flatMap(machine =>
      this.devices.flatMap(device => {
        const question = questionFor(machine, device, this.held);
        return question ? [{ machine, question }] : [];
      }),
    );
    await inGroups(asked, async ({ machine, question }) => {
      const [hardware] = await answersTo(this.runner, question, true);
      if (hardware === undefined || this.known.has(hardware)) return;
      this.known.set(hardware, machine);
      if (machine.kind !== 'director') return;
      const names = this.#directors.get(question.interface) ?? new Set();
      this.#directors.set(question.interface, names.add(machine.name));
    });
  }

  /** How many have been heard there. */
  directorsOn(device: string): number {
    return this.#directors.get(device)?.size ?? 0;
  }
}

function unasked(count: number): Finding[] {
  if (count <= MOST) return [];
  const what = `${MOST} of ${count} VIPs were asked for`;
  return [{ code: 'vips-not-asked', subject: 'virtual addresses', what }];
}
