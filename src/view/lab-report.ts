import { harmless } from '../diagnostic/quote.js';
import type { DrillResult, Outcome, Report } from '../lab/report.js';
import { type SubjectKind, subjectKind } from './lab-subjects.js';
import type { Style } from './style.js';
import { jsonText } from './json.js';

const GLYPHS: Readonly<Record<Outcome, string>> = { passed: '✔', failed: '✘', 'not-run': '–' };

/** Drills of one subject; those about the whole cluster have none. */
export interface Group {
  readonly kind: SubjectKind;
  readonly subject?: string;
  readonly drills: readonly DrillResult[];
}

/** A rehearsal for people: drills by what they are about, and a summary as the last line. */
export function reportText(report: Report, style: Style): string {
  const width = Math.max(0, ...report.drills.map(one => one.title.length));
  const lines = groupsOf(report).flatMap(({ subject, drills }) => [
    style.bold(harmless(subject ?? 'the cluster')),
    ...drills.flatMap(one => drillLines(one, width, style)),
    '',
  ]);
  const last = `${harmless(titleOf(report))}: ${summaryOf(report)} in ${secondsText(report.seconds)}`;
  const isGood = report.drills.length > 0 && report.drills.every(one => one.outcome === 'passed');
  return [...lines, isGood ? style.green(last) : style.bold(last), ''].join('\n');
}

/** What was rehearsed: `lvs.conf`, `old.conf → lvs.conf`. */
export function titleOf({ from, description }: Pick<Report, 'from' | 'description'>): string {
  return from === undefined ? description : `${from} → ${description}`;
}

export function reportJson(report: Report): string {
  return jsonText(report);
}

/** `✔ title   2.3 s`, and what was seen below it. */
export function drillLines(drill: DrillResult, width: number, style: Style): string[] {
  const { outcome, title, detail, seconds } = drill;
  const colour = { passed: style.green, failed: style.red, 'not-run': style.yellow }[outcome];
  const time = style.dim(secondsText(seconds).padStart(8));
  const first = `  ${colour(GLYPHS[outcome])} ${harmless(title).padEnd(width)} ${outcome === 'not-run' ? '' : time}`;
  const below = detail.split('\n').filter(line => line.trim() !== '');
  const words = outcome === 'passed' ? style.dim : (text: string): string => text;
  const prefix = outcome === 'not-run' ? 'not run: ' : '';
  return [
    first.trimEnd(),
    ...below.map((line, index) => `      ${words(harmless(`${index === 0 ? prefix : ''}${line}`))}`),
  ];
}

/** In the order in which the subjects first come. */
export function groupsOf({ drills }: Pick<Report, 'drills'>): Group[] {
  const groups = new Map<string, DrillResult[]>();
  for (const drill of drills) {
    const key = `${subjectKind(drill)} ${drill.subject ?? ''}`;
    const group = groups.get(key);
    if (group) group.push(drill);
    else groups.set(key, [drill]);
  }
  return [...groups.values()].map(found => {
    const { subject } = found[0]!;
    return { kind: subjectKind(found[0]!), ...(subject === undefined ? {} : { subject }), drills: found };
  });
}

/** `12 passed, 1 failed, 2 not run`; what there is none of is left out. */
export function summaryOf({ drills }: Pick<Report, 'drills'>): string {
  const counted = (['passed', 'failed', 'not-run'] as const).flatMap(outcome => {
    const count = drills.filter(one => one.outcome === outcome).length;
    return count === 0 ? [] : [`${count} ${outcome.replace('-', ' ')}`];
  });
  return counted.length === 0 ? 'no drills' : counted.join(', ');
}

/** `0.4 s`, `75 s`, `3 min 5 s`. */
export function secondsText(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole >= 120) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${seconds >= 60 ? whole : seconds.toFixed(1)} s`;
}
