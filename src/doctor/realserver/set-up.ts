import { harmless } from '../../diagnostic/quote.js';
import type { Act } from '../../director/host/act.js';
import { recordInWords } from '../../realserver/record.js';
import type { Told } from '../../realserver/script.js';
import type { Check } from '../check.js';
import { NotKnown } from '../ask.js';
import type { Code } from '../codes.js';
import type { Finding } from '../finding.js';
import { type Conduct, readConduct, reversePathFilter } from './conduct.js';
import { setUpAgain } from './part.js';
import { judgeSuppression } from './suppression.js';

export const setUp: Check = {
  name: 'set-up',
  about: 'this real server has the VIPs, devices and settings of its set-up',
  async examine(patient) {
    const told = await patient.setUp();
    if (!told) return undefined;
    if (told.missing) throw new NotKnown('there is no sh to look with');
    const conduct = await readConduct(patient.ports.files);
    return judgeSetUp(told, conduct, await setUpAgain(patient));
  },
};

/** What the script's `check` says in front of what it names: realserver/README.md. */
const [MISSING, SURPLUS, IN_PLACE] = ['missing: ', 'no longer described: ', 'in place: '] as const;
const ANSWERS = /^(running|stopped|unknown)$/;
const NO_LINE = /^a line for this host in /;
const IN_THE_WAY = /^the VIP \S+ is (an address of|\S+ on) /;

/**
 * What `check` of the script found. What the ARP settings mean, other checks say.
 *
 * @throws NotKnown where it looked at nothing and did not say why
 */
export function judgeSetUp(
  { exitCode, words }: Pick<Told, 'exitCode' | 'words'>,
  conduct: ReadonlyMap<string, Conduct>,
  again: readonly Act[],
): Finding[] {
  const said = words.map(harmless);
  const after = (start: string): string[] =>
    said.filter(one => one.startsWith(start)).map(one => one.slice(start.length));
  const findings = after(MISSING).flatMap(one => missingPart(one, conduct, again));
  for (const one of after(SURPLUS)) {
    const what = `${recordInWords(one)} is of an earlier set-up, and no longer described`;
    findings.push({ code: 'set-up-surplus', subject: 'set-up', what, mend: again });
  }
  const others = said.filter(
    one => !ANSWERS.test(one) && ![MISSING, SURPLUS, IN_PLACE].some(start => one.startsWith(start)),
  );
  // Else nothing was looked at: 4 and 6 give the reasons, each on a line; other codes none, or one of their own.
  const wasLookedAt = exitCode === 0 || exitCode === 3;
  for (const one of others) {
    // In a host that was looked at, another check says it.
    if (wasLookedAt && /may choose it as a source address/.test(one)) continue;
    const help = IN_THE_WAY.test(one)
      ? 'nothing else of the set-up was looked at: ask again once it is gone'
      : '';
    const code = wasLookedAt ? 'set-up-note' : 'set-up-refused';
    findings.push({ code, subject: 'set-up', what: one, ...(help ? { help } : {}) });
  }
  if (!wasLookedAt && findings.length === 0)
    throw new NotKnown(`the check of the set-up ended with ${exitCode ?? 'a signal'}, and said nothing`);
  return findings;
}

/** `KIND NAME [VALUE]`, as the planner says it; a sentence where no line of the settings has an address of this host. */
function missingPart(text: string, conduct: ReadonlyMap<string, Conduct>, again: readonly Act[]): Finding[] {
  if (NO_LINE.test(text)) {
    const what = 'this host has none of the addresses by which the description knows its servers';
    const help = 'ip -brief addr show tells whether an interface or an address is missing';
    return [{ code: 'set-up-refused', subject: 'set-up', what, help }];
  }
  const [kind = '', name = '', value = ''] = text.split(' ');
  const finding = (code: Code, subject: string, what: string): Finding[] => [
    { code, subject, what, mend: again },
  ];
  switch (kind) {
    case 'address':
      return finding('vip-not-taken', value.split('/')[0]!, `${name} does not have ${value}`);
    case 'filter':
      return finding('vip-filter-missing', 'packet filter', 'the rules that take the VIPs are not loaded');
    case 'sysctl': {
      const [, device, key] = /^net\/ipv4\/conf\/(\S+)\/(\w+)$/.exec(name) ?? [];
      // Where it does harm, another check says so.
      if (device !== undefined && harmful(conduct).has(key)) return [];
      return finding('set-up-incomplete', name.replaceAll('/', '.'), `it is not ${value}`);
    }
    case 'module':
      return finding('device-not-ready', value, needed(kind, name, value));
    case 'fou':
      return finding('device-not-ready', `UDP port ${name}`, needed(kind, name, value));
    case 'up':
    case 'made':
    case 'mode':
      return finding('device-not-ready', name, needed(kind, name, value));
    default:
      return finding('set-up-incomplete', 'set-up', `missing: ${text}`);
  }
}

/** The settings of which another check speaks. */
function harmful(conduct: ReadonlyMap<string, Conduct>): Set<string | undefined> {
  const strict = [...conduct.keys()].some(one => reversePathFilter(conduct, one) === 1);
  const keys = judgeSuppression(conduct, []).map(({ subject }) => subject.split('.').at(-1));
  return new Set([...keys, ...(strict ? ['rp_filter'] : [])]);
}

function needed(kind: string, name: string, value: string): string {
  if (kind === 'module') return `there is no ${value}: the module ${name} is not loaded`;
  if (kind === 'up') return `${name} is not up`;
  if (kind === 'made') return `there is no ${name}`;
  if (kind === 'mode') return `${name} takes only IPv6 inside, and not ${value}`;
  return `UDP port ${name} does not take packets of the tunnel (gue)`;
}
