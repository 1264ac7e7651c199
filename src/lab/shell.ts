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
  // What they say on standard error is marked, since only one stream is followed.
  const line = `PATH=$0/shell:$PATH; set -o pipefail
    { bash /run/lab/commands 2>&1 >&3 3>&- | sed -u 's/^/${ERROR}/' >&3; } 3>&1`;
  const { exitCode } = await runner.follow('bash', ['-c', line, guest], text =>
    tell(
      text.startsWith(ERROR)
        ? { event: 'output', to: 'err', text: text.slice(ERROR.length) }
        : { event: 'output', to: 'out', text },
    ),
  );
  return exitCode ?? 1;
}

/** A character that stands at the beginning of no line of text. */
const ERROR = '\u0001';

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
