import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import type { ExecutionContext } from 'ava';
import type { Cluster } from '../../src/cluster/cluster.js';
import { shellQuote } from '../../src/render/engine.js';
import type { Artifact, DirectorInput } from '../../src/render/output.js';
import { cluster, service } from './clusters.js';
import { reader } from './readers.js';
import { renderDirector } from './rendered.js';

export interface Result {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

const isRoot = process.getuid?.() === 0;
const SUPPORT = join(process.cwd(), 'tap-tests/support');

// The host's programs with /etc, /run and /var of its own, and tmpfs files instead of the kernel's network settings,
// of which ip_vs's are missing without it.
const ENTER = `
  root=$1 programs=$2
  cd "$root"
  for name in bin sbin lib lib32 lib64 libx32; do
    if [ -L "/$name" ]; then ln -s "$(readlink "/$name")" "$name"
    elif [ -d "/$name" ]; then mkdir "$name"; mount --rbind "/$name" "$name"; fi
  done
  mkdir -p usr proc sys dev tmp run readers etc
  # awk may be a link through it.
  if [ -d /etc/alternatives ]; then mkdir etc/alternatives; mount --rbind /etc/alternatives etc/alternatives; fi
  for name in usr proc sys dev; do mount --rbind "/$name" "$name"; done
  mount --rbind "$programs" readers
  mount -t tmpfs tmpfs usr/local
  mkdir -p usr/local/sbin
  mount -t tmpfs tmpfs proc/sys/net
  exec chroot . sh -c 'echo ready; exec cat'`;

const SETTINGS: Readonly<Record<string, string>> = {
  'ipv4/vs/expire_nodest_conn': '0',
  'ipv4/vs/expire_quiescent_template': '0',
  'ipv4/vs/sync_threshold': '3\t50',
  'ipv4/vs/sync_refresh_period': '0',
  'ipv4/vs/backup_only': '0',
  'ipv4/ip_forward': '0',
  'ipv4/ping_group_range': '1\t0',
  'ipv4/conf/all/send_redirects': '1',
  'ipv4/conf/eth0/send_redirects': '1',
  'ipv4/conf/eth1/send_redirects': '1',
  'ipv6/conf/all/forwarding': '0',
  'ipv6/conf/eth0/ndisc_notify': '0',
  'ipv6/conf/eth0/dad_transmits': '1',
};

/** A director: a network of its own with eth0 and eth1, the rendered files at their places, and a stand-in for ipvsadm. */
export class DirectorHost {
  readonly #holder: ChildProcess;
  readonly root = mkdtempSync(join(tmpdir(), 'director-'));

  private constructor(t: ExecutionContext) {
    // Any of them tells the folder.
    const programs = dirname(reader('nft'));
    const unshare = isRoot ? ['-nm'] : ['-rnm'];
    const script = ['sh', '-ec', ENTER, 'enter', this.root, dirname(programs)];
    this.#holder = spawn('unshare', [...unshare, ...script], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#path = `/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/readers/${basename(programs)}`;
    t.teardown(async () => {
      const gone = once(this.#holder, 'exit');
      this.#holder.kill('SIGKILL');
      await gone;
      rmSync(this.root, { recursive: true, force: true, maxRetries: 5 });
    });
  }
  readonly #path: string;

  static async create(
    t: ExecutionContext,
    files: ReadonlyMap<string, Artifact> = new Map(),
  ): Promise<DirectorHost> {
    const host = new DirectorHost(t);
    const [ready] = (await once(host.#holder.stdout!, 'data')) as [Buffer];
    if (ready.toString() !== 'ready\n') throw new Error(`no network namespace: ${ready.toString()}`);
    host.sh(
      [
        NETWORK,
        writing(LOG, ''),
        ...Object.entries(SETTINGS).map(([path, value]) => writing(`/proc/sys/net/${path}`, `${value}\n`)),
        putting('ipvsadm', readFileSync(join(SUPPORT, 'ipvsadm.sh'), 'utf8')),
        putting('modprobe', `#!/bin/sh\necho "modprobe $*" >>${LOG}\n`),
        putting(
          'arping',
          `#!/bin/sh\ncase $1 in -V) echo 'arping from iputils 20221126' ;; *) echo "arping $*" >>${LOG}.arping ;; esac\n`,
        ),
        // Only what changes something is of interest.
        putting(
          'ip',
          `#!/bin/sh\ncase "$*" in 'addr add '* | 'addr del '*) echo "ip $*" >>${LOG} ;; esac\nPATH=/usr/sbin:/usr/bin:/sbin:/bin exec ip "$@"\n`,
        ),
        ...installing(files),
      ].join('\n'),
    );
    return host;
  }

  install(files: ReadonlyMap<string, Artifact>): void {
    this.sh(installing(files).join('\n'));
  }

  /** Puts a program before those of the machine. */
  program(name: string, text: string): void {
    this.sh(putting(name, text));
  }

  /** Takes a program away, the machine's own too. */
  remove(name: string): void {
    this.sh(`rm -f /usr/local/sbin/${name}
      while found=$(command -v ${name}); do mount --bind /dev/null "$found"; done`);
  }

  run(command: readonly string[], input = '', environment: Record<string, string> = {}): Result {
    const enter = [
      '-t',
      String(this.#holder.pid),
      ...(isRoot ? [] : ['-U', '--preserve-credentials']),
      '-n',
      '-m',
      '-r',
      '-w',
    ];
    const { status, stdout, stderr } = spawnSync('nsenter', [...enter, '--', ...command], {
      encoding: 'utf8',
      input,
      env: { PATH: this.#path, ...environment },
      maxBuffer: 1 << 28,
    });
    return { code: status, out: stdout, err: stderr };
  }

  /** A piece of shell that has to succeed, of any length. */
  sh(script: string): string {
    const { code, out, err } = this.run(['sh', '-es'], script);
    if (code !== 0) throw new Error(`${script}: ${code}: ${err}`);
    return out.trim();
  }

  director(action: string): Result {
    return this.run(['/etc/init.d/director.lvs.dr', action]);
  }

  fill(...options: string[]): Result {
    return this.run(['fill_table', ...options]);
  }

  /** The kernel's table, as ipvsadm -Sn prints it. */
  get table(): string[] {
    return lines(this.sh('ipvsadm -Sn'));
  }

  /** What the kernel should hold to begin with. */
  given(...table: string[]): void {
    const { code, err } = this.run(['ipvsadm', '-R'], `${table.join('\n')}\n`);
    if (code !== 0) throw new Error(err);
  }

  /** Lines that the kernel is to refuse, as a regular expression. */
  refuse(expression: string): void {
    this.sh(writing('/var/lib/fake-ipvs/refuse', expression));
  }

  get addresses(): string[] {
    return lines(this.sh(`ip -o addr | awk '$2 != "lo" && $4 !~ /^fe80/ { print $2, $4 }'`));
  }

  /** The commands since the last look that changed addresses, table or daemons, in their order. */
  changes(): string[] {
    const log = lines(this.sh(`cat ${LOG} 2>/dev/null || :; : >${LOG}`));
    return log
      .filter(line => !/^ipvsadm -(Sn|Ln)/.test(line) && line !== 'ipvsadm -R')
      .map(line => line.trim());
  }

  setting(path: string): string {
    return this.sh(`cat /proc/sys/net/${path}`);
  }
}

/** What the machine has by itself. */
export const OWN_ADDRESSES = [
  'eth0 192.168.45.23/24',
  'eth0 2001:db8:45::23/64',
  'eth1 192.168.46.23/24',
  'eth1 2001:db8:46::23/64',
];

/** A host with what is rendered for the first director of a cluster with one service, or as changed. */
export async function directorHost(
  t: ExecutionContext,
  changes: Partial<Cluster> = {},
  input: Partial<DirectorInput> = {},
): Promise<DirectorHost> {
  const services = [service('192.168.45.26:80', ['192.168.45.13'])];
  const files = renderDirector(cluster({ services, ...changes }), ['director', 'ipvsadm'], input);
  return DirectorHost.create(t, files);
}

const LOG = '/var/lib/fake-ipvs/log';

const NETWORK = `ip link set lo up
  for n in 0 1; do
    ip link add eth$n type veth peer name wire$n
    ip addr add 192.168.4$((5 + n)).23/24 dev eth$n
    ip -6 addr add 2001:db8:4$((5 + n))::23/64 dev eth$n nodad
    ip link set eth$n up; ip link set wire$n up
  done
  ip route add default via 192.168.45.1`;

/** Shell that writes a file, and makes the folders above it. All of a host is one script: each start of one takes time. */
function writing(path: string, content: string, mode?: number): string {
  const file = shellQuote(path);
  const chmod = mode === undefined ? '' : `\nchmod ${mode.toString(8)} ${file}`;
  return `mkdir -p ${shellQuote(dirname(path))}; printf %s ${shellQuote(content)} >${file}${chmod}`;
}

/** Puts a program before those of the machine. */
function putting(name: string, text: string): string {
  return writing(`/usr/local/sbin/${name}`, text, 0o755);
}

function installing(files: ReadonlyMap<string, Artifact>): string[] {
  return [...files.values()].flatMap(artifact => {
    const { kind, path } = artifact;
    if (kind === 'key') return [];
    if (kind === 'link')
      return [
        `mkdir -p ${shellQuote(dirname(path))}; ln -sf ${shellQuote(artifact.target)} ${shellQuote(path)}`,
      ];
    return [writing(path, artifact.content, artifact.mode)];
  });
}

function lines(text: string): string[] {
  return text.split('\n').filter(line => line !== '');
}
