import { provenance } from '../../render/stamp.js';
import { PLACES } from '../../render/places.js';
import { textAt } from '../ask.js';
import type { Check } from '../check.js';
import type { Finding } from '../finding.js';

export const beside: Check = {
  name: 'beside',
  about: "Debian's own ipvsadm service leaves the table alone",
  async examine({ ports: { files }, duties }) {
    if (!(await duties())) return undefined;
    return judgeBeside(await textAt(files, PLACES.ipvsadmDefaults));
  },
};

/** @param text of Debian's /etc/default/ipvsadm, which is a piece of shell */
export function judgeBeside(text: string | undefined): Finding[] {
  const values = [...(text ?? '').matchAll(/^\s*(?:export\s+)?(AUTO|DAEMON)=["']?([^"'\s#;]*)/gm)];
  const last = (name: string): string | undefined => values.findLast(one => one[1] === name)?.[2];
  const found: Finding[] = [];
  const subject = PLACES.ipvsadmDefaults;
  const wrote = provenance(text ?? '') === 'ours' ? '; it is of a tree for a host without lvsctl' : '';
  if (last('AUTO') === 'true') {
    const what = `AUTO is true: Debian's ipvsadm service loads a table of its own at boot${wrote}`;
    found.push({
      code: 'ipvsadm-service',
      subject,
      what,
      help: 'set AUTO="false" there; do not stop the service: that clears the table',
    });
  }
  if (/^(master|backup|both)$/.test(last('DAEMON') ?? '')) {
    const what = `DAEMON is ${last('DAEMON')}: Debian's ipvsadm service starts a sync daemon of its own${wrote}`;
    found.push({ code: 'ipvsadm-service', subject, what, help: 'set DAEMON="none" there' });
  }
  return found;
}
