import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type AlertTimes, MANY } from '../lab/scenarios/alert-speed.js';
import type { Result } from './report.js';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
export const OUTSIDE_ROUNDS = 5;

/** What mon's alert takes, beside what cannot be saved. All times in one unit. */
type Times = Pick<AlertTimes, 'empty' | 'empties' | 'ipvsadm' | 'many'> & {
  /** From mon's call to the changed table, or longer. */
  readonly one: number;
};

/** In the lab, with the kernel's table. */
export function labAlert(times: AlertTimes): Result[] {
  return results('', { ...times, one: times.changed });
}

/** On this machine, with the tests' stand-in for ipvsadm, and to the end of the alert. */
export function outsideAlert(): Result[] {
  const { status, stdout, stderr } = spawnSync(
    'unshare',
    [
      ...(process.getuid?.() === 0 ? [] : ['-r']),
      '-mun',
      'sh',
      `${ROOT}tap-tests/bench/alert.sh`,
      process.execPath,
      ROOT.slice(0, -1),
      String(OUTSIDE_ROUNDS),
    ],
    { encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`alert.sh ended with ${status}: ${stderr}`);
  return results(', outside', outsideTimes(stdout));
}

/** The medians of what tap-tests/bench/alert.sh prints. */
export function outsideTimes(text: string): Times {
  const median = (what: string): number => {
    const values = [...text.matchAll(new RegExp(`^${what} (\\d+)$`, 'gm'))]
      .map(one => Number(one[1]))
      .toSorted((a, b) => a - b);
    if (values.length === 0) throw new Error(`alert.sh has not measured ${what}:\n${text}`);
    return values[values.length >> 1]!;
  };
  const [empty, empties, ipvsadm, many, one] = ['empty', 'empties', 'ipvsadm', 'many', 'alert'].map(
    median,
  ) as [number, number, number, number, number];
  return { empty, empties, ipvsadm, many, one };
}

function results(where: string, { empty, empties, ipvsadm, many, one }: Times): Result[] {
  const row = (what: string, value: number): Result => ({
    what: `\`alert\`${where}: ${what}`,
    value: Number(value.toFixed(2)),
    unit: 'x',
    target: 3,
  });
  return [
    row(
      'from mon’s call to the changed table, less ipvsadm’s own time, against Node',
      (one - ipvsadm) / empty,
    ),
    row(`${MANY} at once, against as many empty Node programs at once`, many / empties),
  ];
}
