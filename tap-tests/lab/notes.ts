import { AsyncLocalStorage } from 'node:async_hooks';

type Write = (line: string) => void;

const writer = new AsyncLocalStorage<Write>();

/** Does work, the notes of which go to `write`: several scenarios run at a time. */
export function withNotes<T>(write: Write, work: () => Promise<T>): Promise<T> {
  return writer.run(write, work);
}

/** A remark of the scenario that runs, as a comment of TAP. */
export function note(text: string): void {
  const write = writer.getStore() ?? console.log;
  for (const line of text.split('\n')) write(`# ${line}`);
}

/** The seconds since a moment of `performance.now()`, with one decimal. */
export function secondsSince(start: number): number {
  return Math.round((performance.now() - start) / 100) / 10;
}
