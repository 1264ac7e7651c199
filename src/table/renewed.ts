/** A program that reads rendered files, and has to be told when they change. */
export type Daemon = 'keepalived' | 'mon' | 'heartbeat';

/** What becomes of one rendered file of this host when another cluster runs. */
export interface RenewedFile {
  /** Absolute. */
  readonly path: string;
  /** `make`: nothing is at the path yet. */
  readonly act: 'make' | 'renew';
}

/** A unit of systemd(1) that has a part in checking the servers. */
export const CHECKER_UNITS = ['mon', 'keepalived', 'lvsctl-after-keepalived'] as const;
export type CheckerUnit = (typeof CHECKER_UNITS)[number];

/** The verbs of systemctl(1), each with the one that takes it back. */
export const OPPOSITE = { stop: 'start', start: 'stop', disable: 'enable', enable: 'disable' } as const;

/** Only what is not so already is a step, so that its opposite leads back to what was there. */
export interface UnitStep {
  readonly act: keyof typeof OPPOSITE;
  readonly unit: CheckerUnit;
}

/** What another checker asks of systemd: what ends before the table changes, and what begins once all is there. */
export interface Handover {
  readonly first: readonly UnitStep[];
  readonly last: readonly UnitStep[];
}

/** The rendered files of this host that change with the cluster, and who reads them again. */
export interface FilesChange {
  readonly files: readonly RenewedFile[];
  /** Whether systemd has to read its units again, too. */
  readonly units: boolean;
  readonly reloads: readonly Daemon[];
  /** Where the checker changes, and systemd runs its daemons. */
  readonly handover?: Handover;
}

/** Whether there is nothing to do. */
export function isNoChange({ files, handover }: FilesChange): boolean {
  return files.length === 0 && handover === undefined;
}

/** Whether it is an absolute path without a way out, and prints as it is. */
export function isFilePath(path: string): boolean {
  return /^\/[^\p{Cc}]{1,4095}$/u.test(path) && !path.split('/').some(part => part === '..' || part === '.');
}
