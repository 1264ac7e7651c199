import { command } from '../../director/host/act.js';
import { missing } from '../../director/failure.js';
import type { Check } from '../check.js';
import type { Finding } from '../finding.js';
import { daemonsOf } from './daemons.js';
import type { Cluster } from '../../cluster/cluster.js';

/** Where systemd runs. */
export const SYSTEMD = '/run/systemd/system';

export const units: Check = {
  name: 'units',
  about: 'what a director needs is started at boot',
  async examine({ duties, cluster, ports: { files, runner } }) {
    if (!(await duties())) return undefined;
    if (!(await files.look(SYSTEMD))) return undefined;
    const states = await Promise.all(
      unitsOf(cluster).map(async name => {
        const { stdout, missing: isMissing } = await runner.run('systemctl', ['is-enabled', name]);
        if (isMissing) throw missing('systemctl');
        return { name, state: stdout.trim() };
      }),
    );
    return judgeUnits(states);
  },
};

function unitsOf(cluster: Cluster): string[] {
  const after = cluster.checker === 'keepalived' ? ['lvsctl-after-keepalived.service'] : [];
  return ['lvsctl-director.service', ...daemonsOf(cluster).map(name => `${name}.service`), ...after];
}

/** @param states as systemctl(1) `is-enabled` prints them; nothing for a unit that there is not, which `files` says */
export function judgeUnits(states: readonly { readonly name: string; readonly state: string }[]): Finding[] {
  return states.flatMap(({ name, state }): Finding[] => {
    if (!/^(disabled|masked|masked-runtime|enabled-runtime)$/.test(state)) return [];
    const acts = [
      ...(state.startsWith('masked') ? [command('systemctl', 'unmask', name)] : []),
      command('systemctl', 'enable', name),
    ];
    return [{ code: 'unit-not-enabled', subject: name, what: `it is ${state}`, mend: acts }];
  });
}
