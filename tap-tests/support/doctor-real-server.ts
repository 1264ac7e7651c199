import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { ExecutionContext } from 'ava';
import type { Files } from '../../src/system/ports.js';
import { fileError } from './fake-files.js';
import { type Said, saidBy } from './doctor-host.js';
import { DESCRIPTION, RealServerHost, SYSTEMCTL } from './real-server-host.js';

/** Each answers for the addresses that have a file of this name beside its log, as the real one prints it. */
const NEIGHBOURS = `for address; do before=$last; last=$address; done
case \${0##*/} in
  arping) echo "ARPING $last from 10.0.0.11 eth0"; cat "\${LOG%/*}/answers/$last" 2>/dev/null ;;
  ndisc6) cat "\${LOG%/*}/answers/$before" 2>/dev/null || { echo 'Timed out.'; exit 2; } ;;
esac`;

export const DIRECTOR_HARDWARE = '02:00:00:00:00:01';

/**
 * A real server with the kernel's own settings, addresses, routes and sockets, in a network namespace; its neighbours
 * are made up. Nothing is wrong with it until a test breaks it.
 */
export class DoctorRealServer extends RealServerHost {
  /** Verbs of lvsctl that `--fix` ran, and after how many milliseconds each would be killed. */
  readonly mended: { readonly verb: string; readonly timeout: number | undefined }[] = [];

  constructor(
    private readonly t: ExecutionContext,
    readonly description = DESCRIPTION,
  ) {
    super(t);
    this.put('/etc/lvsctl/lvs.yaml', description);
    this.files = this.#withSettings(this.files);
    const inner = this.runner;
    this.runner = {
      ...inner,
      run: async (program, args, options) => {
        if (program !== '/usr/bin/node') return await inner.run(program, args, options);
        this.mended.push({ verb: args[1]!, timeout: options?.timeout });
        const { exitCode, out, err } = await this.run(...args.slice(1));
        return { exitCode, stdout: out, stderr: err, missing: false, timedOut: false };
      },
    };
    mkdirSync(`${this.net.folder}/answers`);
    for (const name of ['arping', 'ndisc6']) this.net.fake(name, NEIGHBOURS);
    this.net.fake('systemctl', SYSTEMCTL);
    this.net.fake('timedatectl', 'echo yes');
    for (const address of ['10.0.0.1', '10.0.0.50', '2001:db8::50']) this.answers(address, DIRECTOR_HARDWARE);
  }

  /** Who answers for an address. */
  answers(address: string, ...hardware: readonly string[]): void {
    const lines = hardware.map(one =>
      address.includes(':')
        ? `Target link-layer address: ${one}\n from ${address}\n`
        : `Unicast reply from ${address} [${one}]  0.9ms\n`,
    );
    writeFileSync(`${this.net.folder}/answers/${address}`, lines.join(''));
  }

  /** Somebody listens: `tcp 0.0.0.0 80`. */
  listen(...sockets: readonly string[]): void {
    const program = spawn('env', [...this.net.enter, 'perl', '-MIO::Socket::IP', '-e', LISTEN, ...sockets], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.t.teardown(() => program.kill('SIGKILL'));
    const ports = sockets.map(one => one.split(' ')[2]!);
    for (let tries = 0; tries < 200; tries++) {
      const there = this.net.sh('ss -Hltun');
      if (ports.every(port => there.includes(`:${port} `))) return;
    }
    throw new Error(`nobody listens at ${sockets.join(', ')}`);
  }

  async doctor(...more: string[]): Promise<Said> {
    return saidBy(await this.run('doctor', '-o', 'json', ...more));
  }

  /** What the kernel keeps for each namespace by itself. */
  #withSettings(files: Files): Files {
    const inside = this.#reader();
    const isKernels = (path: string): boolean => /^\/proc\/sys(\/|$)/.test(path);
    return {
      ...files,
      read: async (path, most, signal) => {
        if (!isKernels(path)) return await files.read(path, most, signal);
        const bytes = await inside(path);
        if (!bytes) throw fileError('ENOENT', path);
        return bytes.subarray(0, most);
      },
      list: async path => {
        if (!isKernels(path)) return await files.list(path);
        return ((await inside(path))?.toString() ?? '').split('\n').slice(0, -1);
      },
    };
  }

  /** A program in the namespace reads files there, and the names in folders: of each look hundreds are asked. */
  #reader(): (path: string) => Promise<Buffer | undefined> {
    const program = spawn('env', [...this.net.enter, 'perl', '-e', READ], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.t.teardown(() => program.kill('SIGKILL'));
    const waiting: ((line: string) => void)[] = [];
    createInterface(program.stdout).on('line', line => waiting.shift()!(line));
    return async path => {
      const line = await new Promise<string>(resolve => {
        waiting.push(resolve);
        program.stdin.write(`${path}\n`);
      });
      return line === '-' ? undefined : Buffer.from(line, 'hex');
    };
  }
}

/** A line for each path: what is in it, in hexadecimal, or `-` where it cannot be read. */
const READ = `
$| = 1;
while (my $path = <STDIN>) {
  chomp $path;
  my $text;
  if (opendir my $folder, $path) { $text = join '', map { "$_\\n" } sort grep { !/^\\./ } readdir $folder }
  elsif (open my $file, '<', $path) { local $/; $text = <$file> }
  print defined $text ? unpack('H*', $text) : '-', "\\n";
}`;

const LISTEN = `
for (@ARGV) {
  my ($protocol, $address, $port) = split / /;
  push @all, IO::Socket::IP->new(LocalHost => $address, LocalPort => $port, Proto => $protocol, V6Only => 1,
    $protocol eq 'tcp' ? (Listen => 5) : ()) or die "$_: $@";
}
sleep 600`;

/** Set up as described, and served. */
export async function healthyServer(t: ExecutionContext, description?: string): Promise<DoctorRealServer> {
  const host = new DoctorRealServer(t, description);
  const { exitCode, err } = await host.run('realserver-setup', '--persist');
  t.is(exitCode, 0, err);
  return host;
}
