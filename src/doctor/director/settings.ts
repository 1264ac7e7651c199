import { makeSetting, readSetting, settingsOfActive } from '../../director/host/settings.js';
import { harmless } from '../../diagnostic/quote.js';
import type { Setting } from '../../render/director/duties.js';
import type { Check } from '../check.js';
import type { Code } from '../codes.js';
import type { Finding } from '../finding.js';

/** A setting, and what the kernel has; undefined: it has none of this name. */
export interface FoundSetting extends Setting {
  readonly found: string | undefined;
}

export const settings: Check = {
  name: 'settings',
  about: "the kernel's settings are those that a director needs",
  async examine({ ports: { files }, duties, role }) {
    const all = await duties();
    if (!all) return undefined;
    // Only with heartbeat is there a difference, and only then somebody has to be asked.
    const isActive = all.failover === 'heartbeat' && (await role()).state === 'active';
    const wanted = isActive ? settingsOfActive(all) : all.settings;
    const reuse = { path: REUSE, value: '1' };
    const found = await Promise.all(
      [...wanted, ...(wanted.some(({ path }) => path === REUSE) ? [] : [reuse])].map(async one => ({
        ...one,
        found: await readSetting(files, one.path),
      })),
    );
    return judgeSettings(found);
  },
};

/** Nothing renders it: the kernel's own value is right. */
const REUSE = 'net/ipv4/vs/conn_reuse_mode';

const CODES: Readonly<Record<string, Code>> = {
  'net/ipv4/vs/expire_nodest_conn': 'dead-server-keeps-clients',
  'net/ipv4/vs/expire_quiescent_template': 'drained-server-keeps-clients',
  'net/ipv4/vs/sync_threshold': 'connections-sent-late',
  'net/ipv4/vs/sync_refresh_period': 'connections-sent-late',
  'net/ipv4/vs/backup_only': 'standby-balances',
  'net/ipv4/ip_forward': 'no-forwarding',
  'net/ipv6/conf/all/forwarding': 'no-forwarding',
  [REUSE]: 'ports-reused',
};

export function judgeSettings(all: readonly FoundSetting[]): Finding[] {
  return all.flatMap(({ path, value, found }): Finding[] => {
    // Those of IPVS come with its module.
    if (found === undefined || found === value.replaceAll(/\s+/g, ' ')) return [];
    // Each other number is a sum of ways to schedule anew.
    if (path === REUSE && found !== '0') return [];
    const code = path.endsWith('/send_redirects') ? 'redirects-sent' : (CODES[path] ?? 'setting-differs');
    const what = `it is ${harmless(found)}, and should be ${value}`;
    return [{ code, subject: settingName(path), what, mend: [makeSetting({ path, value })] }];
  });
}

/** A path below /proc/sys as sysctl(8) calls it. */
function settingName(path: string): string {
  return path.includes('.') ? path : path.replaceAll('/', '.');
}
