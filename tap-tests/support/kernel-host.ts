import type { ExecutionContext } from 'ava';
import type { Runner, RunResult } from '../../src/system/ports.js';
import { TestHost } from './context.js';
import { ModelIpvsadm } from './model-ipvsadm.js';
import { ModelMachine } from './model-machine.js';

/** What makes a description that of two directors with VRRP. */
export const VRRP_PAIR = `directors:
  - { name: midas, address: 192.0.2.1, interface: eth0 }
  - { name: estepe, address: 192.0.2.2, interface: eth0 }
failover: { by: vrrp }
`;

/** Names the process of mon, which runs on these directors. */
export const MON_PID = '/run/mon/mon.pid';

/** A director whose programs are the model of ipvsadm, and whose kernel has IPVS. */
export class KernelHost extends TestHost {
  readonly kernel = new ModelIpvsadm();
  /** Answers in the place of the model's, by command line. */
  readonly answers = new Map<string, Partial<RunResult>>();
  readonly machine = new ModelMachine((path, content) => this.put(path, content));
  connections =
    'IPVS connection entries\npro expire state       source             virtual            destination\n';
  override runner: Runner = {
    run: (program, args, options) => this.programs(program, args, options),
    follow: () => Promise.reject(new Error('nothing is followed here')),
  };

  constructor(t: ConstructorParameters<typeof TestHost>[0]) {
    super(t);
    this.put('/proc/net/ip_vs', '');
    this.put('/proc/sys/kernel/random/boot_id', '6f1c1d6e-0000-4000-8000-000000000001\n');
    for (const name of ['expire_nodest_conn', 'expire_quiescent_template'])
      this.put(`/proc/sys/net/ipv4/vs/${name}`, '1\n');
    this.put(MON_PID, '7\n');
    this.put('/proc/7/cmdline', '/usr/bin/perl\0/usr/sbin/mon\0');
    this.put('/proc/sys/net/ipv4/vs/sync_threshold', '3\t50\n');
  }

  /** Applies a description, which has to be done, in a time that stands still. */
  async applied(
    t: ExecutionContext,
    text: string,
    ...more: string[]
  ): Promise<{ readonly out: string; readonly err: string }> {
    this.put('/here/lvs.yaml', text);
    const { time } = this;
    const { exitCode, out, err } = await this.run('apply', '-f', 'lvs.yaml', ...more);
    t.is(exitCode, 0, err);
    this.time = time;
    return { out, err };
  }

  /** Runs before each batch that ipvsadm gets. */
  beforeBatch = (_lines: readonly string[]): void => {};
  /** Every batch that ipvsadm got. */
  readonly batches: (readonly string[])[] = [];
  /** What programs that only have to be called then say. */
  failing?: Partial<RunResult>;
  /** Command lines of programs that only have to be called. */
  readonly called: string[] = [];

  programs: Runner['run'] = (program, args, options = {}) =>
    Promise.resolve(this.#answer(program, args, options.input));

  #answer(program: string, args: readonly string[], input = ''): RunResult {
    const line = [program, ...args].join(' ');
    const told: RunResult = { exitCode: 0, stdout: '', stderr: '', missing: false, timedOut: false };
    const given = this.answers.get(line) ?? this.answers.get('*');
    if (given) return { ...told, ...given };
    if (line === 'sh -c kill -HUP "$1" sh 7') return told;
    const own = this.machine.answer(program, args, input);
    if (own) return { ...told, ...own };
    if (line === 'ipvsadm -R') {
      const lines = input.split('\n').slice(0, -1);
      this.beforeBatch(lines);
      this.batches.push(lines);
      return { ...told, ...this.kernel.restore(lines) };
    }
    if (/^(setsid|systemd-run|systemctl) /.test(line)) {
      this.called.push(line);
      return { ...told, ...this.failing };
    }
    const outputs: Readonly<Record<string, () => string>> = {
      'ipvsadm -Sn': () => this.kernel.rules(),
      'ipvsadm -Ln --thresholds': () => this.kernel.thresholds(),
      'ipvsadm -Ln --stats --exact': () => this.kernel.counters(),
      'ipvsadm -Ln --rate --exact': () => this.kernel.counters(),
      'ipvsadm -Ln --timeout': () => this.kernel.timeouts(),
      'ipvsadm -Lcn': () => this.connections,
    };
    const output = outputs[line];
    if (!output) throw new Error(`${line} is not to be run`);
    return { ...told, stdout: output() };
  }
}
