import type { Kind } from '../kind.js';

/** What may be wrong with a director. */
export const DIRECTOR_KINDS = {
  'no-ipvs': {
    severity: 'error',
    about: 'The kernel has no IPVS: its module ip_vs is not loaded.',
    why: 'nothing is balanced',
    mend: '`modprobe ip_vs`',
    safe: true,
  },
  'module-not-loaded': {
    severity: 'warning',
    about: 'A module that a service needs is not loaded, and could be.',
    why: 'the kernel loads it when it is needed, unless loading has been locked by then',
    mend: '`modprobe` with its name',
    safe: true,
  },
  'module-absent': {
    severity: 'error',
    about: 'The running kernel has no module of a scheduler or helper in use, or modprobe.d forbids it.',
    why: 'the kernel refuses the services that use it',
    mend: "the kernel's package with all modules, or another scheduler; after an upgrade of the kernel a reboot",
    safe: false,
  },
  'setting-differs': {
    severity: 'warning',
    about: 'A setting of the kernel that lvsctl renders (60-lvsctl.conf) has another value.',
    why: 'see the comment above it in /etc/sysctl.d/60-lvsctl.conf',
    mend: 'the value is written to its file below /proc/sys',
    safe: true,
  },
} as const satisfies Record<string, Kind>;
