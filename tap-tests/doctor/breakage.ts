import type { ExecutionContext, TestFn } from 'ava';
import type { DoctorHost } from '../support/doctor-host.js';

/** Something that breaks a director. */
export interface Breakage {
  readonly what: string;
  readonly breaks: (host: DoctorHost) => unknown;
  /** Exactly what is found, `code subject`. */
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
  for (const { what, breaks, found, left = found } of breakages) {
    test(`${name}: ${what}`, async t => {
      const host = await make(t);
      breaks(host);
      const said = await host.doctor();
      t.deepEqual(said.findings.map(one => `${one.code} ${one.subject}`).toSorted(), found);
      t.deepEqual(said.unknown, []);
      t.notRegex(JSON.stringify(said), /\u001b/);
      const fixed = await host.doctor('--fix');
      t.deepEqual(fixed.findings.map(one => `${one.code} ${one.subject}`).toSorted(), left);
    });
  }
}
