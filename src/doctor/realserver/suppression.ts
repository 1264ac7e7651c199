import { familyOf } from '../../cluster/address.js';
import { list } from '../../diagnostic/quote.js';
import type { Act } from '../../director/host/act.js';
import { makeSetting } from '../../director/host/settings.js';
import type { Check } from '../check.js';
import type { Code } from '../codes.js';
import type { Finding } from '../finding.js';
import { type Conduct, isOnWire, readConduct } from './conduct.js';
import { setUpAgain, tasksHere } from './part.js';

export const suppression: Check = {
  name: 'arp-settings',
  about: 'no interface of this real server answers ARP for a VIP, or asks with one',
  async examine(patient) {
    const tasks = (await tasksHere(patient)) ?? [];
    const hasAddress = tasks.some(
      ({ vip, place }) => familyOf(vip) === 'ipv4' && place !== undefined && place !== 'filter',
    );
    if (!hasAddress) return undefined;
    return judgeSuppression(await readConduct(patient.ports.files), await setUpAgain(patient));
  },
};

interface Rule {
  readonly key: 'arp_ignore' | 'arp_announce';
  readonly code: Code;
  readonly isBad: (value: number) => boolean;
  readonly effect: string;
  /** What the set-up gives it. */
  readonly wanted: number;
}

/** What the values mean: ip-sysctl.rst of the kernel; 4 to 7 of arp_ignore are reserved, and count as 0. */
const RULES: readonly Rule[] = [
  {
    key: 'arp_ignore',
    code: 'arp-answered',
    isBad: value => value < 1 || (value > 3 && value < 8),
    effect: 'this host answers ARP there for its VIPs',
    wanted: 1,
  },
  {
    key: 'arp_ignore',
    code: 'arp-deaf',
    isBad: value => value >= 8,
    effect: 'this host answers no ARP there, not even for its own address',
    wanted: 1,
  },
  {
    key: 'arp_announce',
    code: 'arp-announced',
    isBad: value => value < 2,
    effect: 'this host may ask by ARP there with a VIP as the sender',
    wanted: 2,
  },
];

/**
 * The greater of `all` and the interface's own counts (`IN_DEV_MAXCONF` of the kernel's inetdevice.h). Each interface is
 * judged, since the kernel answers on each of them for all addresses of the host.
 *
 * @param again what sets `all` and the interface that hears the clients
 */
export function judgeSuppression(all: ReadonlyMap<string, Conduct>, again: readonly Act[]): Finding[] {
  const general = all.get('all');
  if (!general) return [];
  return RULES.flatMap(({ key, code, isBad, effect, wanted }): Finding[] => {
    const bad = [...all].filter(([name, own]) => isOnWire(name) && isBad(Math.max(general[key], own[key])));
    if (bad.length === 0) return [];
    const names = bad.map(([name]) => name);
    // What is too high on an interface of which the set-up does not know, it leaves alone.
    const tooHigh = bad.filter(([, own]) => own[key] > wanted).map(([name]) => name);
    return [
      {
        code,
        subject: `net.ipv4.conf.*.${key}`,
        what: `${effect.replace('there', `on ${list(names, 'and')}`)} (${values(key, general, bad)})`,
        mend: [
          ...again,
          ...tooHigh.map(name =>
            makeSetting({ path: `net/ipv4/conf/${name}/${key}`, value: String(wanted) }),
          ),
        ],
      },
    ];
  });
}

function values(key: Rule['key'], general: Conduct, bad: readonly (readonly [string, Conduct])[]): string {
  return [`all ${general[key]}`, ...bad.map(([name, own]) => `${name} ${own[key]}`)].join(', ');
}
