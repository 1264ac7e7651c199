import { type Judged, judgedTable } from './weights-judged.js';
import type { LawResult } from './weights-laws.js';

interface Found {
  readonly text: string;
  readonly isMet: boolean;
}

/** What clients have of each way to set weights: mean and p99 in milliseconds, and what is lost. */
export function lawTable(all: readonly LawResult[]): string {
  const periods = [...new Set(all.map(({ period }) => period))];
  const head = ['weights by', ...periods.map(period => `polled every ${period / 1000} s`)];
  const rows = [...new Set(all.map(({ name }) => name))].map(name => [
    name,
    ...periods.map(period => cell(all.find(one => one.name === name && one.period === period)!)),
  ]);
  const rule = head.map((_, index) => (index === 0 ? ':---' : '---:'));
  return [head, rule, ...rows].map(cells => `| ${cells.join(' | ')} |`).join('\n');
}

function cell({ mean, p99, lost }: LawResult): string {
  const share = lost > 0.0005 ? `, ${(lost * 100).toFixed(1)} % lost` : '';
  return `${mean.toFixed(0)} / ${p99.toFixed(0)}${share}`;
}

/** The target against the original: a p99 at least a hundred times lower. */
export function verdictsOfLaws(all: readonly LawResult[]): Found[] {
  return ['wlc, capacity', 'wrr, capacity'].flatMap(ours =>
    all
      .filter(({ name }) => name === ours)
      .map(({ name, period, p99 }) => {
        const old = all.find(one => one.name === 'wrr, idle share by load1' && one.period === period)!;
        const times = old.p99 / p99;
        const text = `${name}, polled every ${period / 1000} s: p99 is ${times.toFixed(0)} times lower than by the idle share of load1; the target is 100`;
        return { text, isMet: times >= 100 };
      }),
  );
}

/** The page with its tables anew, each between two comments that name it. @throws Error where one of them is missing */
export function withTables(
  page: string,
  {
    judged,
    laws,
    found,
  }: {
    readonly judged: readonly Judged[];
    readonly laws: readonly LawResult[];
    readonly found: readonly Found[];
  },
): string {
  const parts: Readonly<Record<string, string>> = {
    laws: `${lawTable(laws)}\n\n${found.map(({ text, isMet }) => `- ${text}: ${isMet ? 'pass' : '**FAIL**'}.`).join('\n')}`,
    fresh: judgedTable(judged.filter(one => !one.isTuned)),
    tuned: judgedTable(judged.filter(one => one.isTuned)),
  };
  return Object.entries(parts).reduce((text, [name, table]) => withPart(text, name, table), page);
}

/** A page with one part anew, between two comments that name it. @throws Error where one of them is missing */
export function withPart(page: string, name: string, part: string): string {
  const [begin, end] = [`<!-- ${name} -->\n`, `<!-- /${name} -->`];
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`no place for ${name}`);
  return `${page.slice(0, from)}${begin}\n${part}\n\n${page.slice(to)}`;
}
