import type { Ports, Runner } from '../system/ports.js';
import { StateFailure } from '../state/failure.js';
import { KernelFailure } from './failure.js';

/** What is started when something comes due. */
export interface Waker {
  /** Node, its script. */
  readonly program: readonly string[];
  readonly pid: number;
}

/** Milliseconds until what could not be settled is tried again. */
export const AGAIN = 60_000;

const SYSTEMD = '/run/systemd/system';
/** A name of its own for each, since the one that has gone off is still busy when it sets the next. */
const UNIT = 'lvsctl-due';

/**
 * Has `lvsctl tick` started after so many milliseconds, whatever becomes of this process and its session: by a
 * transient timer of systemd, in place of the one before; where systemd does not run, by a process of its own that
 * sleeps. One too many does no harm: it finds nothing due.
 *
 * @throws KernelFailure where neither can be had
 */
export async function setTimer(
  { program, pid }: Waker,
  { runner, files, clock }: Ports,
  ms: number,
): Promise<void> {
  const seconds = (Math.ceil(ms) / 1000).toFixed(3);
  const command = [...program, 'tick'];
  const bySystemd = (await files.look(SYSTEMD)) !== undefined;
  const others = bySystemd ? await timers(runner) : [];
  const unit = `--unit=${UNIT}-${pid}-${Math.round(clock.elapsed())}`;
  const precise = '--timer-property=AccuracySec=100ms';
  // The pipes that this program waits for must not stay open with the sleeper.
  const sleeper = 'exec </dev/null >/dev/null 2>&1; sleep "$1"; shift; exec "$@"';
  const { missing, exitCode, stderr } = bySystemd
    ? await runner.run('systemd-run', [
        '--quiet',
        '--collect',
        unit,
        `--on-active=${seconds}`,
        precise,
        '--',
        ...command,
      ])
    : await runner.run('setsid', ['--fork', 'sh', '-c', sleeper, 'sh', seconds, ...command]);
  // Only now: killed in between, two go off, and not none.
  if (exitCode === 0 && others.length > 0) await runner.run('systemctl', ['stop', ...others]);
  if (exitCode === 0) return;
  const name = bySystemd ? 'systemd-run' : 'setsid';
  throw new KernelFailure(
    missing ? 'no-program' : 'refused',
    `no timer can be set: ${missing ? `the program ${name} is missing` : `${name} says ${stderr.trim().split('\n')[0] ?? ''}`}`,
    'without one nothing is taken back by itself',
  );
}

async function timers(runner: Runner): Promise<string[]> {
  const pattern = `${UNIT}-*.timer`;
  const { stdout } = await runner.run('systemctl', ['list-units', '--plain', '--no-legend', pattern]);
  return stdout.split('\n').flatMap(line => line.trim().split(/\s+/)[0] || []);
}

/** Who may not change anything could not set the timer either. */
export function canBeTried(error: unknown): boolean {
  if (error instanceof KernelFailure) return error.problem !== 'not-permitted';
  if (!(error instanceof StateFailure)) return false;
  const { code } = (error.cause ?? {}) as NodeJS.ErrnoException;
  return code !== 'EACCES' && code !== 'EPERM';
}
