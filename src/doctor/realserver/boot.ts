import type { Check } from '../check.js';
import type { Finding } from '../finding.js';
import { lvsctl } from '../mend.js';
import { tasksHere } from './part.js';

const UNIT = 'lvs-realserver.service';
/** update-rc.d(8) makes them; 2 is Debian's usual runlevel. */
const RUNLEVEL = '/etc/rc2.d';

export const boot: Check = {
  name: 'set-up-at-boot',
  about: 'the next boot makes this host a real server again',
  async examine(patient) {
    const tasks = await tasksHere(patient);
    // Behind NAT nothing is set up.
    if (!tasks?.some(({ place }) => place !== undefined)) return undefined;
    const { runner, files } = patient.ports;
    const { missing, stdout } = await runner.run('systemctl', ['is-enabled', UNIT]);
    const links = await files.list(RUNLEVEL);
    const starts =
      (!missing && stdout.trim() === 'enabled') || links.some(one => /^S\d\d.*realserver/.test(one));
    return judgeBoot(starts, lvsctl(patient.program, 'realserver-setup', '--persist', ...patient.fileWords));
  },
};

export function judgeBoot(starts: boolean, persist: NonNullable<Finding['mend']>[number]): Finding[] {
  if (starts) return [];
  const what = `the unit ${UNIT} is not enabled: after the next boot this host takes no VIP`;
  return [{ code: 'not-at-boot', subject: UNIT, what, mend: [persist] }];
}
