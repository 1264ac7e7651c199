import type { Runner, RunResult } from '../../src/system/ports.js';

/** What programs say where neighbours are as they should be, and a real server serves; undefined for others. */
export function neighbourhood(line: string): Partial<RunResult> | undefined {
  if (/^arping -[bf] /.test(line)) return { exitCode: 1, stdout: 'ARPING 192.0.2.100 from 192.0.2.1 eth0\n' };
  if (line.startsWith('ndisc6 ')) return { exitCode: 2, stdout: 'Timed out.\n' };
  if (line.startsWith('ss -Hltun')) return { stdout: 'tcp LISTEN 0 128 0.0.0.0:80 0.0.0.0:*\n' };
  if (line === 'ip -j -4 route show default')
    return { stdout: JSON.stringify([{ gateway: '192.0.2.254', dev: 'eth0' }]) };
  if (line.startsWith('ip -j route get '))
    return { stdout: JSON.stringify([{ dev: 'eth0', prefsrc: '192.0.2.1' }]) };
  return undefined;
}

/** The script of real servers, which only looks. */
export function scriptFinds(words: () => readonly string[]): Runner['follow'] {
  return (_program, _args, line) => {
    for (const word of words()) line(word);
    return Promise.resolve({ exitCode: 0, stdout: '', stderr: '', missing: false, timedOut: false });
  };
}
