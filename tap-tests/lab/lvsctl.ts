import type { Host, Lab } from '../../src/lab/lab.js';
import type { RunResult } from '../../src/system/ports.js';
import { PROJECT } from './harness.js';

/** `lvsctl` on a host, where its package would have it. */
export async function installLvsctl(host: Host): Promise<void> {
  const wrapper = `#!/bin/sh\nexec ${PROJECT}/node ${PROJECT}/dist/main.js "$@"\n`;
  await host.sh('cat >/usr/local/bin/lvsctl && chmod 755 /usr/local/bin/lvsctl', wrapper);
}

/** Seconds: on a busy machine each start of Node takes several. */
const PATIENCE = 400;

/** Runs a script on a host to its end, longer than `Host.run` waits. */
export async function patiently(
  lab: Lab,
  host: Host,
  script: string,
): Promise<Pick<RunResult, 'stdout' | 'stderr' | 'exitCode'>> {
  await host.sh(
    "rm -f /tmp/patient.*; cat >/tmp/patient.sh; setsid sh -c 'sh /tmp/patient.sh >/tmp/patient.out 2>/tmp/patient.err; echo $? >/tmp/patient.rc' </dev/null >/dev/null 2>&1 &",
    script,
  );
  await lab.until(script, async () => (await host.run('test -s /tmp/patient.rc')).exitCode === 0, PATIENCE);
  const [stdout, stderr, exitCode] = await Promise.all(
    ['out', 'err', 'rc'].map(async one => host.sh(`cat /tmp/patient.${one}`)),
  );
  return { stdout: stdout!, stderr: stderr!, exitCode: Number(exitCode) };
}

/** The same where it has to succeed. @returns what it printed */
export async function must(lab: Lab, host: Host, script: string): Promise<string> {
  const { stdout, stderr, exitCode } = await patiently(lab, host, script);
  if (exitCode !== 0) throw new Error(`${script}: ${exitCode}: ${stdout}${stderr}`);
  return stdout;
}
