export type SchedulerName =
  | 'rr'
  | 'wrr'
  | 'lc'
  | 'wlc'
  | 'lblc'
  | 'lblcr'
  | 'dh'
  | 'sh'
  | 'sed'
  | 'nq'
  | 'fo'
  | 'ovf'
  | 'mh'
  | 'twos';
export type Flag = 'sh-fallback' | 'sh-port' | 'mh-fallback' | 'mh-port';

/** What a scheduler takes a weight for. Only a share can be moved by a law. */
export type WeightMeaning = 'share' | 'hash' | 'priority' | 'limit' | 'nothing';

/** Every scheduler of the kernel (net/netfilter/ipvs/ip_vs_*.c), and what it reads weights as. */
export const SCHEDULERS: Readonly<Record<SchedulerName, WeightMeaning>> = {
  rr: 'nothing',
  wrr: 'share',
  lc: 'nothing',
  wlc: 'share',
  lblc: 'share',
  lblcr: 'share',
  dh: 'hash',
  sh: 'hash',
  sed: 'share',
  nq: 'share',
  fo: 'priority',
  ovf: 'limit',
  mh: 'share',
  twos: 'share',
};

/** The flags of ipvsadm(8) `-b`, and the scheduler that reads each. */
export const FLAGS: Readonly<Record<Flag, SchedulerName>> = {
  'sh-fallback': 'sh',
  'sh-port': 'sh',
  'mh-fallback': 'mh',
  'mh-port': 'mh',
};
