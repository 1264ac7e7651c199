import { HOST_KINDS } from './host-kinds.js';
import { KERNEL_KINDS } from './kernel-kinds.js';
import { NETWORK_KINDS } from './network-kinds.js';

/** What may be wrong with a director. */
export const DIRECTOR_KINDS = { ...KERNEL_KINDS, ...NETWORK_KINDS, ...HOST_KINDS } as const;
