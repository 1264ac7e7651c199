import { command } from '../../director/host/act.js';
import { missing } from '../../director/failure.js';
import type { Check } from '../check.js';
import type { Finding } from '../finding.js';

/** What a kernel says of a module. `absent`: it has none, or may not load it. */
export interface ModuleState {
  readonly name: string;
  readonly state: 'there' | 'loadable' | 'absent';
}

export const modules: Check = {
  name: 'modules',
  about: 'the modules of IPVS, its schedulers and helpers are loaded',
  async examine({ ports: { files, runner }, duties }) {
    const all = await duties();
    if (!all) return undefined;
    const hasIpvs = (await files.look('/proc/net/ip_vs')) !== undefined;
    const states: ModuleState[] = [];
    for (const name of all.modules) {
      if (await files.look(`/sys/module/${name}`)) {
        states.push({ name, state: 'there' });
        continue;
      }
      const shown = await runner.run('modprobe', ['--show-depends', name]);
      if (shown.missing && hasIpvs) throw missing('modprobe');
      // That there is no IPVS is known without it.
      if (shown.missing) return judgeModules([{ name: 'ip_vs', state: 'loadable' }], false);
      states.push({ name, state: stateBy(name, shown.exitCode === 0 ? shown.stdout : '') });
    }
    return judgeModules(states, hasIpvs);
  },
};

/** modprobe(8) `--show-depends`: `insmod PATH`, `builtin NAME`, or `install COMMAND` where modprobe.d says so. */
function stateBy(name: string, depends: string): ModuleState['state'] {
  const last = depends.trim().split('\n').at(-1)!.trim();
  if (last === `builtin ${name}`) return 'there';
  return last.startsWith('insmod ') ? 'loadable' : 'absent';
}

export function judgeModules(states: readonly ModuleState[], hasIpvs: boolean): Finding[] {
  return states.flatMap(({ name, state }): Finding[] => {
    if (name === 'ip_vs' ? hasIpvs : state === 'there') return [];
    const subject = `module ${name}`;
    if (state === 'absent') {
      const help = `modprobe --show-depends ${name} says why; another kernel's package may have it`;
      return [
        { code: 'module-absent', subject, what: `this kernel has no ${name}, or may not load it`, help },
      ];
    }
    const mend = [command('modprobe', name)];
    const what = `${name} is not loaded`;
    return [{ code: name === 'ip_vs' ? 'no-ipvs' : 'module-not-loaded', subject, what, mend }];
  });
}
