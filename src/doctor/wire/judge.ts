import { list } from '../../diagnostic/quote.js';
import type { Finding } from '../finding.js';
import type { Known, VipQuestion } from './questions.js';

/** Who has answered for a VIP. */
export interface Heard extends VipQuestion {
  /** Hardware addresses of other machines. */
  readonly answers: readonly string[];
}

/**
 * @param known whose the hardware addresses are
 * @param hasDirector whether another director has been heard on its interface
 * @param isOthers whether another machine has to have the VIPs
 */
export function judgeAnswers(
  all: readonly Heard[],
  known: ReadonlyMap<string, Known>,
  hasDirector: (heard: Heard) => boolean,
  isOthers: boolean,
): Finding[] {
  return all.flatMap(heard => judgeOne(heard, known, hasDirector(heard), isOthers));
}

function judgeOne(
  { address: subject, interface: device, answers, isHere }: Heard,
  known: ReadonlyMap<string, Known>,
  nearDirector: boolean,
  isOthers: boolean,
): Finding[] {
  const findings: Finding[] = [];
  const of = (kind: Known['kind'] | undefined): string[] =>
    answers.filter(one => known.get(one)?.kind === kind);
  for (const hardware of of('server')) {
    const what = `the real server ${nameOf(hardware, known)} answers for it on ${device}`;
    const help = 'on that server: lvsctl doctor, then lvsctl realserver-setup';
    findings.push({ code: 'server-answers', subject, what, help });
  }
  // Where no director could be asked for its own address, one who is not known may be it.
  const strangers = of(undefined);
  const mayBeDirector = !isHere && !nearDirector && strangers.length === 1;
  for (const hardware of mayBeDirector ? [] : strangers) {
    const what = `a machine that the description does not name answers for it on ${device}: ${hardware}`;
    const help = "the switch's table of hardware addresses says where it is: take the address away there";
    findings.push({ code: 'stranger-answers', subject, what, help });
  }
  // Two of one name are told of where its own address is.
  const byName = new Map(of('director').map(one => [known.get(one)!.name, nameOf(one, known)]));
  const holders = [...(isHere ? ['this machine'] : []), ...byName.values()];
  if (holders.length > 1) {
    const what = `${list(holders, 'and')} have it at once, on ${device}`;
    const help =
      'on the one that should stand by: lvsctl doctor; what gives the addresses there has to end first';
    findings.push({ code: 'vip-twice', subject, what, help });
  }
  if (answers.length === 0 && isOthers && nearDirector) {
    const what = `nobody answers for it on ${device}`;
    findings.push({ code: 'vip-unanswered', subject, what, help: 'on the directors: lvsctl doctor' });
  }
  return findings;
}

function nameOf(hardware: string, known: ReadonlyMap<string, Known>): string {
  return `${known.get(hardware)!.name} (${hardware})`;
}
