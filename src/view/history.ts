import { harmless } from '../diagnostic/quote.js';
import { columns } from './columns.js';
import { localTime } from './times.js';

/** One generation as people see it. */
export interface Story {
  readonly number: number;
  /** ISO 8601. */
  readonly made: string;
  readonly author: string;
  readonly by: string;
  readonly reason?: string;
  readonly replaces: number | null;
  /** Whether it runs now. */
  readonly runs: boolean;
  /** Until when it has, or had, to be confirmed. */
  readonly until?: string;
}

/** One line a generation, in the order given, below a head. */
export function historyText(stories: readonly Story[]): string {
  if (stories.length === 0) return 'nothing has been applied yet\n';
  const rows = stories.map(story => [
    `${story.runs ? '*' : ' '} ${story.number}`,
    localTime(story.made),
    harmless(story.author),
    [harmless(story.by), stateOf(story), harmless(story.reason?.replaceAll('\n', ' ') ?? '')]
      .filter(Boolean)
      .join('; '),
  ]);
  const titles = ['  N', 'TIME', 'AUTHOR', 'WHAT'].map(title => ({ title }));
  return columns(titles, rows)
    .map(line => `${line}\n`)
    .join('');
}

function stateOf({ runs, until }: Story): string {
  if (until === undefined) return '';
  return runs ? `taken back at ${localTime(until)} unless confirmed` : 'never confirmed';
}

export function historyJson({ number, made, author, by, reason, replaces, runs, until }: Story): object {
  return {
    number,
    made,
    author,
    by,
    ...(reason === undefined ? {} : { reason }),
    replaces,
    runs,
    confirmed: until === undefined,
    ...(until === undefined ? {} : { until }),
  };
}
