/** What an operator said of a server, for those who ask why. Times are as they are shown: ISO 8601, UTC. */
export interface Saying {
  readonly author: string;
  readonly since: string;
  readonly reason?: string;
  /** When it stops to hold; absent = not by itself. */
  readonly expires?: string;
}

/** What is known of one server of one service at run time, as it holds now. Weights are 0–65535. */
export interface Remark {
  readonly drained?: Saying;
  /** A checker has found it dead. */
  readonly dead?: { readonly since: string; readonly by: string };
  /** keepalived, where it is the checker, has it out of service. */
  readonly held?: true;
  readonly weight?: Saying & { readonly value: number };
  readonly measured?: number;
  /** It has just come back, and takes this share of its weight, above 0 and below 1. */
  readonly slowStart?: { readonly share: number; readonly until: string };
}

/** What changes at run time, by `place`: what the operator said, the checkers found and the poller measured. */
export type Overlay = ReadonlyMap<string, Remark>;

export const NO_OVERLAY: Overlay = new Map();

/** A server of a service by the kernel's identity of both, so that a rename keeps what is known of it. */
export interface Place {
  /** As `serviceKey` has it: `10.0.0.1:80/tcp`, `fwmark:7/ipv4`. */
  readonly service: string;
  /** As `serverKey` has it, with the port that the kernel uses: `10.0.0.2:80`. */
  readonly server: string;
}

export function place({ service, server }: Place): string {
  return `${service} ${server}`;
}
