/** What services and servers of a live view may be sorted by. */
export const ORDERS = ['connections', 'rate', 'weight', 'name'] as const;
export type Order = (typeof ORDERS)[number];
