import type { RunResult } from '../../src/system/ports.js';
import type { CheckedDirector } from './checked.js';

interface Unit {
  active: boolean;
  /** As Debian's mon ends when it is stopped. */
  failed?: boolean;
  /** What is-enabled prints; nothing: there is no such unit. */
  enabled: string;
}

const COMPANION = '/etc/systemd/system/lvsctl-after-keepalived.service';

/** The units of a director's checkers, as systemctl(1) shows and changes them; keepalived's is the model of keepalived. */
export class ModelUnits {
  readonly units = new Map<string, Unit>([
    ['mon', { active: false, enabled: 'disabled' }],
    ['keepalived', { active: false, enabled: 'disabled' }],
    ['lvsctl-after-keepalived', { active: false, enabled: 'disabled' }],
  ]);
  /** Steps that changed something, as `stop mon`. */
  readonly taken: string[] = [];
  /** Steps that fail. */
  readonly refused = new Set<string>();
  /** Units that end as soon as they are started. */
  readonly frail = new Set<string>();

  private constructor(private readonly one: CheckedDirector) {
    const others = one.host.programs;
    one.host.programs = async (program, args, options) => {
      const [act = '', ...words] = args;
      const name = words.at(-1)?.replace('.service', '') ?? '';
      const own =
        program === 'systemctl' &&
        /^(is-active|is-enabled|stop|start|enable|disable|reset-failed)$/.test(act);
      const told: RunResult = { exitCode: 0, stdout: '', stderr: '', missing: false, timedOut: false };
      return own ? { ...told, ...(await this.#do(act, name)) } : await others(program, args, options);
    };
  }

  static async on(one: CheckedDirector): Promise<ModelUnits> {
    await one.disk.replace('/run/systemd/system/x', '', 0o644);
    return new ModelUnits(one);
  }

  async #do(act: string, name: string): Promise<Partial<RunResult>> {
    const unit = this.units.get(name)!;
    const isThere =
      unit.enabled !== '' && (name !== 'lvsctl-after-keepalived' || (await this.one.disk.look(COMPANION)));
    if (act === 'is-active')
      return unit.active
        ? { stdout: 'active\n' }
        : { exitCode: 3, stdout: unit.failed ? 'failed\n' : 'inactive\n' };
    if (act === 'is-enabled') return isThere ? { stdout: `${unit.enabled}\n` } : { exitCode: 1 };
    if (!isThere || this.refused.has(`${act} ${name}`))
      return { exitCode: 1, stderr: `Failed to ${act} ${name}.service: refused\n` };
    this.taken.push(`${act} ${name}`);
    if (/^(start|stop|reset-failed)$/.test(act)) unit.failed = name === 'mon' && act === 'stop';
    if (act === 'reset-failed') return {};
    if (act === 'enable' || act === 'disable') unit.enabled = `${act}d`;
    else unit.active = act === 'start' && !this.frail.has(name);
    if (name === 'keepalived' && act === 'start' && this.frail.has(name))
      this.units.get('lvsctl-after-keepalived')!.failed = true;
    if (name === 'keepalived' && act === 'stop') await this.one.keepalived.stop();
    if (name === 'keepalived' && unit.active) await this.one.keepalived.start();
    return {};
  }

  /** `mon active enabled`, of all that run or would at a boot. */
  state(): string[] {
    return [...this.units].flatMap(([name, { active, failed, enabled }]) =>
      active || failed || enabled === 'enabled'
        ? [[name, active ? 'active' : failed ? 'failed' : 'inactive', enabled].join(' ')]
        : [],
    );
  }

  /** As `configure`'s next steps leave a director with this checker. */
  runs(name: 'mon' | 'keepalived'): void {
    this.units.set(name, { active: true, enabled: 'enabled' });
    if (name === 'keepalived')
      this.units.set('lvsctl-after-keepalived', { active: false, enabled: 'enabled' });
  }
}
