import type { Files, Ports } from '../system/ports.js';
import type { Daemon, FilesChange } from '../table/renewed.js';
import { type Act, command, type Doer, perform } from './host/act.js';

const SYSTEMD = '/run/systemd/system';

interface Kind {
  /** Where it writes its number down, where no systemd looks after it: Debian's places. */
  readonly pidFiles: readonly string[];
  /** What its unit has for it. Debian's unit of mon has no ExecReload; its children must not be hit. */
  readonly byUnit: Act;
}

const KINDS: Readonly<Record<Daemon, Kind>> = {
  keepalived: {
    pidFiles: ['/run/keepalived.pid', '/run/keepalived/keepalived.pid'],
    byUnit: command('systemctl', 'reload', 'keepalived.service'),
  },
  mon: {
    pidFiles: ['/run/mon/mon.pid', '/run/mon.pid'],
    byUnit: command('systemctl', 'kill', '--kill-who=main', '--signal=HUP', 'mon.service'),
  },
  heartbeat: {
    pidFiles: ['/run/heartbeat.pid'],
    byUnit: command('systemctl', 'kill', '--kill-who=main', '--signal=HUP', 'heartbeat.service'),
  },
};

/** Whether the daemon runs on this host: its unit, or where systemd does not run, the process that it wrote down. */
export async function runs({ files, runner }: Ports, daemon: Daemon): Promise<boolean> {
  if (!(await bySystemd(files))) return (await pidOf(files, daemon)) !== undefined;
  const { exitCode } = await runner.run('systemctl', ['is-active', '--quiet', `${daemon}.service`]);
  return exitCode === 0;
}

/** Whether the process runs that the daemon wrote down, whoever looks after it. */
export async function hasProcess(files: Files, daemon: Daemon): Promise<boolean> {
  return (await pidOf(files, daemon)) !== undefined;
}

/** The processes of its unit, as systemd has them: cgroups(7) of version 2 and of version 1. */
const UNIT_PROCESSES = ['/sys/fs/cgroup', '/sys/fs/cgroup/systemd'].map(
  root => `${root}/system.slice/mon.service/cgroup.procs`,
);

/** Whether mon runs, by what can be read without a program. */
export async function isMonThere(files: Files): Promise<boolean> {
  if (await hasProcess(files, 'mon')) return true;
  for (const path of UNIT_PROCESSES) {
    const start = await files.read(path, 16).catch(() => new Uint8Array());
    if (start.length > 0) return true;
  }
  return false;
}

/** Whether systemd looks after daemons here. */
export async function bySystemd(files: Pick<Files, 'look'>): Promise<boolean> {
  return (await files.look(SYSTEMD)) !== undefined;
}

async function pidOf(files: Files, daemon: Daemon): Promise<string | undefined> {
  for (const path of KINDS[daemon].pidFiles) {
    const [pid] = /^[1-9]\d{0,9}(?=\n|$)/.exec(await textAt(files, path)) ?? [];
    // The number may be another process's by now, and `mon` is in the names of many.
    const isIts = new RegExp(String.raw`(^|[/\0])${daemon}([:\0\s]|$)`);
    if (pid !== undefined && isIts.test(await textAt(files, `/proc/${pid}/cmdline`))) return pid;
  }
  return undefined;
}

async function textAt(files: Files, path: string): Promise<string> {
  return await files.read(path, 4096).then(
    bytes => new TextDecoder().decode(bytes),
    () => '',
  );
}

/**
 * Has systemd read changed units, and the daemon read its files again; nothing where it does not run.
 *
 * @throws KernelFailure where that is refused
 */
export async function reload(doer: Doer, daemon: Daemon): Promise<void> {
  const { files } = doer.ports;
  if (!(await runs(doer.ports, daemon))) return;
  if (await bySystemd(files)) return await perform(doer, KINDS[daemon].byUnit);
  const pid = (await pidOf(files, daemon))!;
  const line = `kill -HUP ${pid}`;
  await perform(doer, { program: 'sh', args: ['-c', 'kill -HUP "$1"', 'sh', pid], line });
}

/** Has systemd read its units again, where it runs and they have changed. @throws KernelFailure */
export async function reloadUnits(doer: Doer, { units }: FilesChange): Promise<void> {
  if (units && (await bySystemd(doer.ports.files)))
    await perform(doer, command('systemctl', 'daemon-reload'));
}
