/** What `--target` takes. Apart from the targets themselves, so that help does not load them. */
export const TARGETS = ['ipvsadm', 'mon', 'keepalived', 'heartbeat', 'director', 'realserver'] as const;
export type TargetName = (typeof TARGETS)[number];
