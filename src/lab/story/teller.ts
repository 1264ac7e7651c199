import type { LabEvent } from '../events.js';
import type { Host } from '../lab.js';

/** Tells what happens in the lab, and keeps account of what did not happen as it should. */
export class Teller {
  #broken = 0;

  constructor(private readonly tell: (event: LabEvent) => void) {}

  /** How much did not come as it should have. */
  get broken(): number {
    return this.#broken;
  }

  chapter(title: string): void {
    this.tell({ event: 'chapter', title });
  }

  say(text: string): void {
    this.tell({ event: 'say', text });
  }

  /** Runs a command on a host and shows both. */
  async shell(host: Host, command: string): Promise<void> {
    const { stdout, stderr } = await host.run(command);
    this.tell({ event: 'typed', host: host.name, command, output: (stdout + stderr).trimEnd() });
  }

  /** Says what was seen, and what should have been where that is something else. */
  expect(holds: boolean, seen: string, wanted: string): void {
    this.say(seen);
    if (holds) return;
    this.#broken++;
    this.say(`This is not as it should be: ${wanted}.`);
  }
}

/** Who answered how often, as bars. `-` is nobody. */
export function bars(counts: Readonly<Record<string, number>>): string {
  const rows = Object.entries(counts);
  const width = Math.max(...rows.map(([name]) => nameOf(name).length));
  const most = Math.max(...rows.map(([, count]) => count));
  const scale = most > 40 ? 40 / most : 1;
  return rows
    .map(
      ([name, count]) => `  ${nameOf(name).padEnd(width)}  ${'█'.repeat(Math.ceil(count * scale))} ${count}`,
    )
    .join('\n');
}

function nameOf(host: string): string {
  return host === '-' ? '(no answer)' : host;
}
