import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { answerOf } from '../../../src/realserver/agent/answer.js';
import type { BusySource } from '../../../src/realserver/agent/busy.js';
import { createFiles } from '../../../src/system/files.js';
import { createRunner } from '../../../src/system/runner.js';

const SCRIPT = join(process.cwd(), 'realserver/uptimesrv');
export const SHELLS = ['dash', 'busybox ash'];

/** 14:02:11 of whatever zone the tests run in. */
const NOW = new Date(2026, 10, 21, 14, 2, 11);

/** A machine of eight processors, up for twelve days, as /proc has it. */
export const MACHINE: Readonly<Record<string, string>> = {
  '/proc/uptime': '1047851.08 8000000.00\n',
  '/proc/loadavg': '1.42 1.10 0.97 2/345 6789\n',
  '/proc/stat': 'cpu  100 20 30 4000 500 6 7 8 0 0\ncpu0 1 2 3\nintr 12345 0 0\nbtime 1700000000\n',
  '/proc/pressure/cpu': 'some avg10=0.00 avg60=0.00 avg300=0.00 total=111\nfull avg10=0.00 total=1\n',
  '/proc/pressure/io': 'some avg10=0.00 avg60=0.00 avg300=0.00 total=222\nfull avg10=0.00 total=2\n',
  '/proc/pressure/memory': 'some avg10=0.00 avg60=0.00 avg300=0.00 total=333\n',
  '/proc/sys/kernel/random/boot_id': '3f2a91bc-0000-4000-8000-000000000000\n',
  '/proc/1/stat': '1 (a (b) c) S 0 1 1 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 31 9 9\n',
  '/proc/self/cgroup': '0::/system.slice/system-uptimesrv.slice/uptimesrv@1.service\n',
  '/sys/devices/system/cpu/online': '0-7\n',
};
export const MACHINE_SAYS =
  ' 14:02:11 up 12 days,  3:04,  load average: 1.42, 1.10, 0.97\n' +
  'lvsctl/1 boot=3f2a91bc-31 t_us=1047851080000 cpus=8 busy_us=1630000 steal_us=80000 psi_cpu_us=111 psi_io_us=222 psi_mem_us=333 state=ready\n';

/** A host that is a folder with files of /proc, /sys and so on. */
export class FolderHost {
  readonly root = mkdtempSync(join(tmpdir(), 'agent-'));

  constructor(t: ExecutionContext, files: Readonly<Record<string, string | undefined>> = {}) {
    t.teardown(() => rmSync(this.root, { recursive: true, force: true }));
    for (const [path, content] of Object.entries({ ...MACHINE, ...files }))
      if (content !== undefined) this.put(path, content);
    this.put('/bin/date', '#!/bin/sh\n[ "$*" = +%T ] && echo 14:02:11\n');
    chmodSync(join(this.root, '/bin/date'), 0o755);
  }

  put(path: string, content: string): void {
    mkdirSync(dirname(this.root + path), { recursive: true });
    writeFileSync(this.root + path, content);
  }

  /** What the script says, and what it complains of. */
  sh(shell: string, args: readonly string[] = [], env: Readonly<Record<string, string>> = {}): Said {
    const [program = '', ...words] = [...shell.split(' '), SCRIPT, ...args];
    const { status, stdout, stderr } = spawnSync(program, words, {
      encoding: 'utf8',
      env: { PATH: `${this.root}/bin:/usr/bin:/bin`, LVSCTL_ROOT: this.root, ...env },
    });
    return { code: status, out: stdout, err: stderr };
  }

  /** What `lvsctl uptimesrv` answers. */
  async node(source?: BusySource): Promise<{ readonly out: string | undefined; readonly err: string }> {
    let err = '';
    const clock = { now: () => NOW, elapsed: () => 0, sleep: () => Promise.resolve() };
    const ports = { files: createFiles(this.root), runner: createRunner(), clock };
    const out = await answerOf(ports, source, text => (err += `${text}\n`));
    return { out, err };
  }
}

interface Said {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}
