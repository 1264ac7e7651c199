import type { ExecutionContext, TestFn } from 'ava';
import type { DoctorHost, Said } from '../support/doctor-host.js';

/** Something that breaks a machine. */
export interface Breakage<Host = DoctorHost> {
  readonly what: string;
  readonly breaks: (host: Host) => unknown;
  /** Exactly what is found, `code subject`, in the order of the alphabet. */
  readonly found: readonly string[];
  /** What `--fix` leaves; all, where it is not given. */
  readonly left?: readonly string[];
}

export const setting = (path: string, value: string) => (host: DoctorHost) =>
  host.put(`/proc/sys/net/${path}`, `${value}\n`);
export const says = (line: string, stdout: string) => (host: DoctorHost) => host.says.set(line, { stdout });
export const table =
  (...lines: readonly string[]) =>
  (host: DoctorHost) =>
    host.kernel.restore(lines);

/** Whole, nothing is found; broken, just that; and `--fix` leaves what it may not touch. */
export function tryAll(
  test: TestFn,
  name: string,
  make: (t: ExecutionContext) => Promise<DoctorHost>,
  breakages: readonly Breakage[],
): void {
  test(`of ${name} that is whole there is nothing to say`, async t => {
    const host = await make(t);
    const said = await host.doctor();
    t.deepEqual([said.findings, said.unknown, said.exitCode], [[], [], 0]);
    const { out } = await host.run('doctor');
    t.regex(
      out,
      /^midas: director.*, judged by generation 1, which runs here\n\n0 errors, 0 warnings; \d+ checks passed\n$/,
    );
  });
  for (const one of breakages) test(`${name}: ${one.what}`, async t => tryOne(t, await make(t), one));
}

/** Broken, just that is found; and `--fix` leaves what it may not touch. */
export async function tryOne<Host extends { doctor: (...words: string[]) => Promise<Said> }>(
  t: ExecutionContext,
  host: Host,
  { breaks, found, left = found }: Breakage<Host>,
): Promise<void> {
  await breaks(host);
  const said = await host.doctor();
  t.deepEqual(said.findings.map(one => `${one.code} ${one.subject}`).toSorted(), found);
  t.deepEqual(said.unknown, []);
  t.notRegex(JSON.stringify(said), /\u001b/);
  const fixed = await host.doctor('--fix');
  t.deepEqual(fixed.findings.map(one => `${one.code} ${one.subject}`).toSorted(), left);
}
