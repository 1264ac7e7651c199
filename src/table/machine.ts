/** An address of the active director, on its interface. */
export interface PlacedAddress {
  readonly address: string;
  readonly prefix: number;
  readonly interface: string;
}

/** What a director has besides its table, as far as it changes with the cluster. */
export interface Possessions {
  readonly addresses: readonly PlacedAddress[];
  /** Rules for `nft -f`, null for none; undefined where they do not change. */
  readonly marks?: string | null;
  /** Files below /proc/sys, and what they say. */
  readonly settings: readonly { readonly path: string; readonly value: string }[];
}

/** What changes on the machine besides the table: what goes, and what comes. */
export interface MachineChange {
  readonly before: Possessions;
  readonly after: Possessions;
}

/** What was there before the first generation, and stays when it goes. */
export interface FoundThere {
  readonly addresses: readonly string[];
  readonly marks: string | null;
}

/** Whether it is a path below /proc/sys, and no pattern of sysctl.d(5) nor a way out. */
export function isSettingPath(path: string): boolean {
  return /^[A-Za-z0-9_./-]{1,255}$/.test(path) && !path.split('/').includes('..');
}
