import { NotKnown } from '../ask.js';
import type { Check } from '../check.js';
import type { Finding } from '../finding.js';

export const clock: Check = {
  name: 'clock',
  about: 'the clock is kept right',
  async examine({ ports: { runner } }) {
    const args = ['show', '--property=NTPSynchronized', '--value'];
    const { exitCode, stdout, missing } = await runner.run('timedatectl', args);
    if (missing || exitCode !== 0)
      throw new NotKnown('timedatectl does not say whether the clock is kept right');
    return judgeClock(stdout.trim());
  },
};

export function judgeClock(synchronised: string): Finding[] {
  if (synchronised === 'yes') return [];
  const help = 'timedatectl set-ntp true, or another time service such as chrony';
  return [{ code: 'clock-free', subject: 'clock', what: 'nothing keeps it right', help }];
}
