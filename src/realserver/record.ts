/**
 * A record of realserver.found in words: what an earlier set-up has made, without what was there before.
 *
 * @param record `KIND:NAME=BEFORE`, as the planner realserver.awk writes it; one of another kind stays as it is
 */
export function recordInWords(record: string): string {
  const [, kind = '', name = '', value = ''] = /^([a-z]+):([^=]*)=(.*)$/s.exec(record) ?? [];
  switch (kind) {
    case 'address':
      return place(name);
    case 'kept':
      return `${place(name)} (there before)`;
    case 'sysctl':
      // Before and after; a name with a dot in it is written as sysctl(8) does.
      return `${name.replaceAll(/[./]/g, one => (one === '.' ? '/' : '.'))} = ${value.split(' ').at(-1)}`;
    case 'made':
      return `the interface ${name}`;
    case 'up':
      return `${name} (switched on)`;
    case 'mode':
      return `${name} (takes any packet inside)`;
    case 'fou':
      return `UDP port ${name} (gue)`;
    case 'nft':
      return `the rules of the packet filter (${name})`;
    default:
      return record;
  }
}

/** `DEVICE:ADDRESS/BITS` */
function place(name: string): string {
  const at = name.indexOf(':');
  return `${name.slice(at + 1)} on ${name.slice(0, at)}`;
}
