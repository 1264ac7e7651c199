import { deadlines } from '../../state/deadlines.js';
import { isDue, momentNow, shown } from '../../state/moment.js';
import type { Check } from '../check.js';
import type { Finding } from '../finding.js';
import { lvsctl } from '../mend.js';
import type { Process } from '../processes.js';
import { output } from '../ask.js';
import { SYSTEMD } from './units.js';

export const timer: Check = {
  name: 'timer',
  about: 'what has a time will be settled when it comes',
  async examine({ ports, running, processes, program, duties }) {
    if (!(await duties())) return undefined;
    const { running: found } = await running();
    const now = await momentNow(ports.files, ports.clock);
    const all = deadlines(found, now);
    const [first] = all.toSorted((a, b) => (shown(a.due, now) < shown(b.due, now) ? -1 : 1));
    if (!first) return [];
    const isSet = (await ports.files.look(SYSTEMD))
      ? (
          await output(
            ports.runner,
            'systemctl',
            'list-units',
            '--plain',
            '--no-legend',
            'lvsctl-due-*.timer',
          )
        ).trim() !== ''
      : hasSleeper(await processes());
    const mend = [lvsctl(program, 'tick')];
    const when = { what: first.what, due: shown(first.due, now) };
    return judgeTimer({ ...when, isOverdue: isDue(first.due, now), isSet }).map(one => ({ ...one, mend }));
  },
};

/** Where systemd does not run, a process sleeps until then: `sh -c … sh SECONDS NODE SCRIPT tick`. */
export function hasSleeper(processes: readonly Process[]): boolean {
  return processes.some(({ words }) => words[0] === 'sh' && words[1] === '-c' && words.at(-1) === 'tick');
}

export function judgeTimer(one: {
  readonly what: string;
  readonly due: string;
  readonly isOverdue: boolean;
  readonly isSet: boolean;
}): Finding[] {
  const { what, due, isOverdue, isSet } = one;
  if (isOverdue)
    return [
      { code: 'deadline-overdue', subject: 'timer', what: `${what} was due at ${due}, and is not settled` },
    ];
  if (isSet) return [];
  return [
    { code: 'timer-missing', subject: 'timer', what: `${what} is due at ${due}, and no timer is set for it` },
  ];
}
