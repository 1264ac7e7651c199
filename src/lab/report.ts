/** What came of one drill. */
export interface DrillResult {
  /** `traffic`, `arp`, `server-down`, …: stable, for JSON. */
  readonly id: string;
  /** What has to hold, in a sentence. */
  readonly title: string;
  /** The service, server or director that it is about. */
  readonly subject?: string;
  readonly outcome: 'passed' | 'failed' | 'not-run';
  /** What was seen; for `not-run` why. */
  readonly detail: string;
  /** Seconds, requests, lost, …. */
  readonly figures: Readonly<Record<string, number>>;
  readonly seconds: number;
}
