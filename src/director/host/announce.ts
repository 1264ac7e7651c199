import { familyOf } from '../../cluster/address.js';
import type { Runner } from '../../system/ports.js';
import { type Act, command, type Doer, perform } from './act.js';
import type { Surveyed } from './addresses.js';

/**
 * Tells each neighbour where the addresses are now, in the background and fifty at a time: arping(8) takes a second for
 * each. Its arguments are pairs of interface and address.
 */
const SCRIPT = `exec </dev/null >/dev/null 2>&1
count=0
while [ $# -gt 1 ]; do
  arping -q -U -c 1 -w 1 -I "$1" "$2" &
  shift 2
  count=$((count + 1))
  [ $((count % 50)) -ne 0 ] || wait
done
wait`;

/**
 * Gratuitous ARP for IPv4 addresses; of IPv6 ones the kernel itself sends advertisements. Without it neighbours go on
 * sending to the director that had the address. -w 1: without it the first answer ends it.
 */
export function announcement(all: readonly Pick<Surveyed, 'address' | 'interface'>[]): Act | undefined {
  const told = all.flatMap(({ address, interface: device }) =>
    device === undefined || familyOf(address) === 'ipv6' ? [] : [[device, address] as const],
  );
  if (told.length === 0) return undefined;
  const lines = told.map(pair => command('arping', '-q', '-U', '-c', '1', '-w', '1', '-I', ...pair).line);
  return {
    program: 'setsid',
    args: ['--fork', 'sh', '-c', SCRIPT, 'sh', ...told.flat()],
    line: lines.join('\n'),
    lasts: true,
  };
}

/** Announces them, or says why not. */
export async function announce(
  doer: Doer,
  all: readonly Pick<Surveyed, 'address' | 'interface'>[],
): Promise<void> {
  const act = announcement(all);
  if (!act) return;
  if (await hasArping(doer.ports.runner)) await perform(doer, act);
  else doer.warn(NO_ARPING);
}

const NO_ARPING =
  'there is no arping of iputils (Debian: package iputils-arping): neighbours may go on using the old director';

/** Whether arping is the one of iputils: the options of others differ. */
async function hasArping(runner: Runner): Promise<boolean> {
  const { stdout, stderr } = await runner.run('arping', ['-V']);
  return /iputils/i.test(stdout + stderr);
}
