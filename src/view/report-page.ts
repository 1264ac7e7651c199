import Handlebars from 'handlebars';
import type { DrillResult, Outcome, Report } from '../lab/report.js';
import type { SubjectKind } from './lab-subjects.js';
import { type Drawing, drawingOf } from './lab-drawing.js';
import { groupsOf, secondsText, summaryOf, titleOf } from './lab-report.js';

/** What the template of the page may name. */
interface PageView {
  readonly title: string;
  readonly summary: string;
  readonly seconds: string;
  readonly verdict: string;
  readonly hosts: number;
  readonly counts: readonly { readonly outcome: Outcome; readonly word: string; readonly count: number }[];
  readonly drawing: Drawing;
  readonly sections: readonly { readonly title: string; readonly groups: readonly GroupView[] }[];
}

interface GroupView {
  readonly subject: string;
  readonly drills: readonly DrillView[];
}

interface DrillView {
  readonly outcome: Outcome;
  readonly glyph: string;
  readonly word: string;
  readonly title: string;
  readonly details: readonly string[];
  readonly figures: readonly { readonly name: string; readonly value: string }[];
  readonly seconds: string;
}

const WORDS: Readonly<Record<Outcome, { readonly glyph: string; readonly word: string }>> = {
  passed: { glyph: '✔', word: 'passed' },
  failed: { glyph: '✘', word: 'failed' },
  'not-run': { glyph: '–', word: 'not run' },
};

/** Figures that are seconds; all others count something. */
const SECONDS: readonly string[] = ['noticed', 'returned', 'takeover', 'allowed', 'silence', 'took'];

/**
 * A rehearsal as one HTML page that needs nothing else: no script, style and drawing inside.
 *
 * @param template the text of templates/lab/report.html.hbs
 * @throws where the template names a field that is not there
 */
export function reportPage(report: Report, template: string): string {
  // Whatever a description calls its hosts and services is text here: Handlebars escapes it.
  const fill = Handlebars.create().compile<PageView>(template, { strict: true, knownHelpersOnly: true });
  return fill(pageView(report));
}

function pageView(report: Report): PageView {
  const { drills, hosts, seconds } = report;
  const count = (outcome: Outcome): number => drills.filter(one => one.outcome === outcome).length;
  return {
    title: titleOf(report),
    summary: summaryOf(report),
    seconds: secondsText(seconds),
    verdict:
      count('failed') > 0 ? 'failed' : count('not-run') > 0 || drills.length === 0 ? 'not-run' : 'passed',
    hosts: hosts.length,
    counts: (['passed', 'failed', 'not-run'] as const).map(outcome => ({
      outcome,
      word: WORDS[outcome].word,
      count: count(outcome),
    })),
    drawing: drawingOf(report),
    sections: sectionsOf(report),
  };
}

const TITLES: Readonly<Record<SubjectKind, string>> = {
  cluster: 'The cluster',
  address: 'Virtual addresses',
  director: 'Directors',
  server: 'Real servers',
  service: 'Services',
};

/** The subjects by what they are, in the order of the drills. */
function sectionsOf(report: Report): PageView['sections'] {
  const sections = new Map<string, GroupView[]>();
  for (const { kind, subject, drills } of groupsOf(report)) {
    const group = { subject: subject ?? 'as a whole', drills: drills.map(drillView) };
    sections.set(TITLES[kind], [...(sections.get(TITLES[kind]) ?? []), group]);
  }
  return [...sections].map(([title, groups]) => ({ title, groups }));
}

function drillView({ outcome, title, detail, figures, seconds }: DrillResult): DrillView {
  return {
    outcome,
    ...WORDS[outcome],
    title,
    details: detail.split('\n').filter(line => line.trim() !== ''),
    figures: Object.entries(figures).map(([name, value]) => ({
      name: name.replaceAll('_', ' '),
      value: SECONDS.includes(name) ? `${value} s` : String(value),
    })),
    seconds: outcome === 'not-run' ? '' : secondsText(seconds),
  };
}
