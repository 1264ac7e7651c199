import { familyOf } from '../../cluster/address.js';
import type { Family } from '../../cluster/service.js';
import type { Runner } from '../../system/ports.js';
import type { HeldAddress } from '../../director/host/held.js';
import type { Check } from '../check.js';
import type { Finding } from '../finding.js';
import type { Patient } from '../patient.js';
import { tasksHere } from '../realserver/part.js';
import { inGroups } from './groups.js';
import { identify, judgeDirectors, type Told } from './identify.js';
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
  const directors = machines.filter(one => one.kind === 'director');
  const servers = machines.filter(one => one.kind === 'server').slice(0, MOST);
  const devices = [...new Set(questions.map(one => one.interface))];
  const ask = (whom: readonly Known[], first = false): Promise<Told[]> =>
    askFor(runner, whom, devices, held, first);
  const [heard, ofDirectors] = await Promise.all([hear(runner, questions.slice(0, MOST)), ask(directors)]);
  const theirs = new Set(ofDirectors.flatMap(({ answers }) => answers));
  const isClear =
    ofDirectors.every(({ answers }) => answers.length < 2) &&
    heard.every(({ answers }) => answers.every(one => theirs.has(one))) &&
    // Where a director is away, a server that answers in its place is known by its own address only.
    (theirs.size === 0 ||
      (await ask(servers, true)).every(one => !one.answers.some(each => theirs.has(each))));
  const told = isClear ? ofDirectors : [...ofDirectors, ...(await ask(servers))];
  const known = identify(told);
  const hasDirector = ({ interface: device }: Heard): boolean =>
    ofDirectors.some(
      one => one.interface === device && one.answers.some(each => known.get(each)?.kind === 'director'),
    );
  // A director is told by the check of its VIPs where none has them.
  const directs = machine.director !== undefined || machine.anonymousDirector;
  return [
    ...judgeDirectors(ofDirectors, known, held),
    ...judgeAnswers(heard, known, hasDirector, !directs),
    ...unasked(questions.length),
  ];
}

function hear(runner: Runner, questions: readonly VipQuestion[]): Promise<Heard[]> {
  return inGroups(questions, async one => ({ ...one, answers: await answersTo(runner, one) }));
}

/** Asks machines for their own addresses. @param first whether one answer is enough */
async function askFor(
  runner: Runner,
  machines: readonly Known[],
  devices: readonly string[],
  held: readonly HeldAddress[],
  first: boolean,
): Promise<Told[]> {
  const asked = machines.flatMap(machine =>
    devices.flatMap(device => {
      const question = questionFor(machine, device, held);
      return question ? [{ machine, question }] : [];
    }),
  );
  return await inGroups(asked, async ({ machine, question }) => ({
    machine,
    interface: question.interface,
    answers: await answersTo(runner, question, first),
  }));
}

function unasked(count: number): Finding[] {
  if (count <= MOST) return [];
  const what = `${MOST} of ${count} VIPs were asked for`;
  return [{ code: 'vips-not-asked', subject: 'virtual addresses', what }];
}
