import { tableText } from '../director/table-text.js';
import { ownDaemons } from '../director/synchronisation.js';
import { type DirectorInput, type Output, PROGRAM, SETTINGS } from '../output.js';
import { PLACES } from '../places.js';

/** The table for ipvsadm. Where keepalived checks the servers the table is its own, so there is none. */
export function ipvsadmTarget({ cluster, director, tree }: DirectorInput): Output[] {
  if (cluster.checker === 'keepalived') return [];
  let made: ReturnType<typeof tableText> | undefined;
  const table = (): ReturnType<typeof tableText> => (made ??= tableText(cluster));
  const script: Output = {
    kind: 'file',
    path: PLACES.fillTable,
    mode: PROGRAM,
    template: 'ipvsadm/fill_table.hbs',
    get view() {
      return { table: table() };
    },
  };
  // Debian's ipvsadm service clears the table, drains and all: only for hosts that lvsctl does not look after.
  if (!tree) return [script];
  return [
    script,
    {
      kind: 'file',
      path: PLACES.ipvsadmRules,
      mode: SETTINGS,
      template: 'ipvsadm/ipvsadm.rules.hbs',
      get view() {
        return { table: table() };
      },
    },
    {
      kind: 'file',
      path: PLACES.ipvsadmDefaults,
      mode: SETTINGS,
      template: 'ipvsadm/default.hbs',
      view: { sync: ownDaemons(cluster, director), vrrp: cluster.failover.by === 'vrrp' },
    },
  ];
}
