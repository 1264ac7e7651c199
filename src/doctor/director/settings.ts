import { makeSetting, readSetting, settingsOfActive } from '../../director/host/settings.js';
import { harmless } from '../../diagnostic/quote.js';
import type { Setting } from '../../render/director/duties.js';
import type { Check } from '../check.js';
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
    const found = await Promise.all(
      wanted.map(async one => ({ ...one, found: await readSetting(files, one.path) })),
    );
    return judgeSettings(found);
  },
};

export function judgeSettings(all: readonly FoundSetting[]): Finding[] {
  return all.flatMap(({ path, value, found }): Finding[] => {
    // Those of IPVS come with its module.
    if (found === undefined || found === value.replaceAll(/\s+/g, ' ')) return [];
    const what = `it is ${harmless(found)}, and should be ${value}`;
    return [{ code: 'setting-differs', subject: nameOf(path), what, mend: [makeSetting({ path, value })] }];
  });
}

/** As sysctl(8) calls it. */
function nameOf(path: string): string {
  return path.includes('.') ? path : path.replaceAll('/', '.');
}
