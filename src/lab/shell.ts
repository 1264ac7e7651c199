import { align } from '../render/text.js';
import type { LabEvent } from './events.js';
import { type Lab, LabFailure } from './lab.js';
import type { LabHost } from './topology.js';
import type { Files, Runner } from '../system/ports.js';

export interface ShellTools {
  readonly runner: Runner;
  readonly files: Files;
  /** The folder lab/guest. */
  readonly guest: string;
}

/** Where the programs of lab/guest/shell find the hosts. */
const HOSTS = '/run/lab/hosts';

/**
 * Gives the user a shell in the machine, or runs the commands given. @returns the exit status
 *
 * @throws LabFailure where the terminal could not be had
 */
export async function shell(
  lab: Lab,
  commands: string | null,
  { runner, files, guest }: ShellTools,
  tell: (event: LabEvent) => void,
): Promise<number> {
  const plans = lab.hosts.map(host => host.plan);
  await files.replace(HOSTS, lab.hosts.map(host => `${host.name} ${host.process}\n`).join(''), 0o644);
  await files.replace(`${HOSTS}.text`, hostsText(plans), 0o644);
  await files.replace('/run/lab/welcome', `${hostsText(plans)}\n${WELCOME}\n`, 0o644);
  tell({ event: 'prompt' });
  if (commands === null) {
    const { exitCode } = await runner.follow('sh', [`${guest}/shell/console`], () => undefined);
    if (exitCode === undefined) throw new LabFailure('the shell was ended by a signal');
    return exitCode;
  }
  await files.replace('/run/lab/commands', commands, 0o644);
  // Each stream is followed by itself: an unfinished line of one must not swallow the other.
  const made = await runner.run('mkfifo', [ERRORS]);
  if (made.exitCode !== 0) throw new LabFailure(`${ERRORS} cannot be made: ${made.stderr.trim()}`);
  const errors = runner.follow('cat', [ERRORS], text => tell({ event: 'output', to: 'err', text }));
  const line = `PATH=$0/shell:$PATH; exec bash /run/lab/commands 2>${ERRORS}`;
  const { exitCode } = await runner.follow('bash', ['-c', line, guest], text =>
    tell({ event: 'output', to: 'out', text }),
  );
  await errors;
  return exitCode ?? 1;
}

/** A pipe for what commands say on standard error. */
const ERRORS = '/run/lab/errors';

const WELCOME = `host NAME enters one, host NAME COMMAND runs a command there, hosts shows this list;
exit or Ctrl-D ends the machine. Nothing that you do here stays.
`;

/** A line for each host: name, role, addresses. */
export function hostsText(hosts: readonly LabHost[]): string {
  const rows = hosts.map(({ name, role, links }) => [
    name,
    role === 'server' ? 'real server' : role,
    links.map(link => `${link.interface} ${link.addresses.join(' ')}`).join(', '),
  ]);
  return align(rows)
    .map(line => `${line}\n`)
    .join('');
}
