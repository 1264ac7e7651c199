import { inSameNetwork } from '../../cluster/address.js';
import { list } from '../../diagnostic/quote.js';
import type { HeldAddress } from '../../director/host/held.js';
import type { Finding } from '../finding.js';
import type { Known } from './questions.js';

/** Who has answered for a machine's own address, on one interface. */
export interface Told {
  readonly machine: Known;
  readonly interface: string;
  readonly answers: readonly string[];
}

/**
 * Whose hardware addresses are whose. One machine may answer for the addresses of others too, so an address is that of
 * the answer which is given for the fewest machines. A server is named before a director: a server that answers in the
 * place of a director which is away has to be seen. But who is several servers and a director at once is a network that
 * answers for all of them, as some clouds do: that says nothing of anybody.
 */
export function identify(told: readonly Told[]): Map<string, Known> {
  const answersFor = new Map<string, Set<string>>();
  for (const { machine, answers } of told) {
    for (const one of answers) answersFor.set(one, (answersFor.get(one) ?? new Set()).add(machine.name));
  }
  const owned = new Map<string, Known[]>();
  for (const same of ofEachMachine(told)) {
    const breadth = (one: string): number => answersFor.get(one)!.size;
    const all = candidates(same);
    const least = Math.min(...all.map(breadth));
    const { machine } = same[0]!;
    for (const one of all) if (breadth(one) === least) owned.set(one, [...(owned.get(one) ?? []), machine]);
  }
  return new Map([...owned].map(([one, machines]) => [one, together(machines)]));
}

/** What is told of each machine on each interface. */
function ofEachMachine(told: readonly Told[]): Told[][] {
  const groups = new Map<string, Told[]>();
  for (const one of told) {
    if (one.answers.length === 0) continue;
    const key = [one.interface, one.machine.kind, one.machine.name].join(' ');
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return [...groups.values()];
}

/** Who answers for all of a machine's addresses; any who answers, where nobody does. */
function candidates(same: readonly Told[]): string[] {
  const any = [...new Set(same.flatMap(({ answers }) => answers))];
  const each = any.filter(one => same.every(({ answers }) => answers.includes(one)));
  return each.length > 0 ? each : any;
}

function together(machines: readonly Known[]): Known {
  const names = [...new Set(machines.filter(({ kind }) => kind === 'server').map(({ name }) => name))];
  const director = machines.find(({ kind }) => kind === 'director');
  if (director && names.length !== 1) return director;
  return { ...machines.find(({ kind }) => kind === 'server')!, name: names.join(' or ') };
}

/** Directors that are not alone in answering for an address of theirs in a network that this machine is in. */
export function judgeDirectors(
  told: readonly Told[],
  known: ReadonlyMap<string, Known>,
  held: readonly HeldAddress[],
): Finding[] {
  return told.flatMap(({ machine, interface: device, answers }): Finding[] => {
    const { kind, name, address } = machine;
    // Where this machine would ask a router, a router may answer.
    const isNear = held.some(
      one => one.interface === device && inSameNetwork(address, one.address, one.prefix),
    );
    if (kind !== 'director' || !isNear) return [];
    const others = answers.filter(one => known.get(one)?.kind !== kind || known.get(one)!.name !== name);
    if (others.length === 0 && answers.length < 2) return [];
    const told =
      others.length > 0 ? byOthers(name, device, answers, others, known) : byEqual(name, device, answers);
    return [{ code: 'director-answered', subject: address, ...told }];
  });
}

const SWITCH = "the switch's table of hardware addresses says where they are";

function byOthers(
  director: string,
  device: string,
  answers: readonly string[],
  others: readonly string[],
  known: ReadonlyMap<string, Known>,
): { readonly what: string; readonly help: string } {
  const names = others.map(one => called(one, known));
  const who = `${list(names, 'and')} ${names.length === 1 ? 'answers' : 'answer'} for it on ${device}`;
  const help = others.every(one => known.has(one)) ? 'on that machine: lvsctl doctor' : SWITCH;
  if (others.length < answers.length) return { what: `${who}, beside the director ${director}`, help };
  const same = `if it is the same machine, an entry ${director} in \`hosts\` can name that address`;
  return { what: `${who}, and the director ${director} does not`, help: `${help}; ${same}` };
}

function byEqual(
  director: string,
  device: string,
  answers: readonly string[],
): { readonly what: string; readonly help: string } {
  const what = `${list(answers, 'and')} answer for it on ${device}: several machines have the address of the director ${director}, or it has several interfaces there`;
  return { what, help: SWITCH };
}

function called(hardware: string, known: ReadonlyMap<string, Known>): string {
  const one = known.get(hardware);
  if (!one) return `a machine that the description does not name (${hardware})`;
  return `the ${one.kind === 'server' ? 'real server' : 'director'} ${one.name} (${hardware})`;
}
