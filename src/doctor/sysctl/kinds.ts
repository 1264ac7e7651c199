import type { Kind } from '../kind.js';

/** What may be wrong with the files of sysctl.d(5), on either kind of host. */
export const SYSCTL_KINDS = {
  'sysctl-misspelt': {
    severity: 'warning',
    about:
      'A file of sysctl.d names a setting that the kernel does not have, and nearly the name of one that it has.',
    why: 'the setting that was meant stays at what the kernel has',
    mend: 'the right name in the file, then `sysctl --system`',
    safe: false,
  },
  'sysctl-no-interface': {
    severity: 'warning',
    about: 'A file of sysctl.d has a setting for an interface that is not there.',
    why: 'it sets nothing: the interface may have another name since the file was written',
    mend: 'the name of the interface in the file, then `sysctl --system`',
    safe: false,
  },
  'sysctl-no-assignment': {
    severity: 'warning',
    about: 'A line of a file of sysctl.d names a setting of the network, and has no `=`.',
    why: 'it is passed over, and the setting stays at what the kernel has',
    mend: '`=` in front of the value, then `sysctl --system`',
    safe: false,
  },
  'sysctl-comment': {
    severity: 'warning',
    about: 'A line of a file of sysctl.d has a comment behind its value.',
    why: 'sysctl.d(5) knows none there: the kernel gets all of it, takes a number only where a blank follows, and else refuses the whole',
    mend: 'the comment on a line of its own, then `sysctl --system`',
    safe: false,
  },
  'sysctl-contrary': {
    severity: 'warning',
    about: 'A file of sysctl.d sets what this host needs to another value.',
    why: 'the next boot, or `sysctl --system`, brings that value back',
    mend: 'take the line out of the file',
    safe: false,
  },
} as const satisfies Record<string, Kind>;
