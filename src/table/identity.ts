import { endpoint } from '../cluster/address.js';
import { serviceKey } from '../cluster/naming.js';
import type { TableKey, TableServer } from './table.js';

/** A server's place in a table: the kernel's identity of its service and its own. */
export function serverPlace(key: TableKey, { address, port }: Pick<TableServer, 'address' | 'port'>): string {
  return `${serviceKey(key)} ${endpoint(address, port)}`;
}

/**
 * What makes two servers of one service the same. Under a mark the port of a server that gets packets unchanged means
 * nothing: ipvsadm(8) leaves there whatever was typed.
 */
export function serverIdentity(key: TableKey, { address, port, forwarding }: TableServer): string {
  return endpoint(address, key.kind === 'fwmark' && forwarding !== 'nat' ? 0 : port);
}
