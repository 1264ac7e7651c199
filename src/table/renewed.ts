/** A program that reads rendered files, and has to be told when they change. */
export type Daemon = 'keepalived' | 'mon' | 'heartbeat';

/** What becomes of one rendered file of this host when another cluster runs. */
export interface RenewedFile {
  /** Absolute. */
  readonly path: string;
  /** `make`: nothing is at the path yet. */
  readonly act: 'make' | 'renew';
}

/** The rendered files of this host that change with the cluster, and who reads them again. */
export interface FilesChange {
  readonly files: readonly RenewedFile[];
  /** Whether systemd has to read its units again, too. */
  readonly units: boolean;
  readonly reloads: readonly Daemon[];
}

/** Whether it is an absolute path without a way out, and prints as it is. */
export function isFilePath(path: string): boolean {
  return /^\/[^\p{Cc}]{1,4095}$/u.test(path) && !path.split('/').some(part => part === '..' || part === '.');
}
