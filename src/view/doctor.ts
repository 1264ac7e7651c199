import type { Diagnosis, Finding, Unknown } from '../doctor/finding.js';
import type { Kind, Severity } from '../doctor/kind.js';
import type { Style } from './style.js';

/** What the doctor says of a machine. */
export interface DoctorReport extends Diagnosis {
  readonly host: string;
  /** `director`, `real server`. */
  readonly roles: readonly string[];
  /** By what it was judged: a generation, a file. */
  readonly judged: string;
  /** Each check that there is, and what holds where it finds nothing. */
  readonly checks: readonly { readonly name: string; readonly about: string }[];
  readonly kinds: Readonly<Record<string, Kind>>;
}

const SEVERITIES: readonly Severity[] = ['error', 'warning', 'note'];

/** @param all whether what is in order is shown, too */
export function doctorText(report: DoctorReport, all: boolean, style: Style): string {
  const { host, roles, judged, findings, unknown, passed, checks, kinds } = report;
  const groups = bySubject(findings, kinds);
  const lines = [
    `${style.bold(host)}: ${roles.join(' and ')}, judged by ${judged}`,
    ...groups.flatMap(([subject, ones]) => [
      '',
      style.bold(subject),
      ...ones.flatMap(one => findingLines(one, kinds[one.code]!, style)),
    ]),
    ...(unknown.length > 0 ? ['', style.bold('not known')] : []),
    ...unknownLines(unknown, style),
    ...(all && passed.length > 0 ? ['', style.bold('in order')] : []),
    ...(all ? passedLines(passed, checks) : []),
    '',
    summaryOf(report),
  ];
  return `${lines.join('\n')}\n`;
}

/** In the order of the findings, the gravest first. */
function bySubject(
  findings: readonly Finding[],
  kinds: DoctorReport['kinds'],
): [string, readonly Finding[]][] {
  const rank = ({ code }: Finding): number => SEVERITIES.indexOf(kinds[code]!.severity);
  const groups = new Map<string, Finding[]>();
  for (const one of findings.toSorted((a, b) => rank(a) - rank(b)))
    groups.set(one.subject, [...(groups.get(one.subject) ?? []), one]);
  return [...groups];
}

function findingLines(finding: Finding, kind: Kind, style: Style): string[] {
  const { code, what, mend = [] } = finding;
  const help = helpOf(finding, kind);
  const colour = { error: style.red, warning: style.yellow, note: style.cyan }[kind.severity];
  return [
    `  ${style.bold(colour(`${kind.severity}[${code}]`))}: ${what}`,
    `    ${style.dim('why ')}  ${kind.why}`,
    ...(help === undefined ? [] : [`    ${style.dim('help')}  ${help}`]),
    ...mend.flatMap(({ line }) =>
      line.split('\n').map((text, at) => `    ${style.dim(at === 0 ? 'mend' : '    ')}  ${text}`),
    ),
  ];
}

/** Where nothing can be said of this very one, what holds for all of the kind. */
function helpOf({ help, mend = [] }: Finding, kind: Kind): string | undefined {
  return help ?? (mend.length > 0 ? undefined : kind.mend);
}

/** What one reason keeps from several checks is said once. */
function unknownLines(all: readonly Unknown[], style: Style): string[] {
  const groups = new Map<string, readonly Unknown[]>();
  for (const one of all) groups.set(one.why, [...(groups.get(one.why) ?? []), one]);
  return [...groups].flatMap(([why, ones]) => {
    const help = ones.find(one => one.help !== undefined)?.help;
    return [
      `  ${ones.map(({ check }) => check).join(', ')}: ${why.replaceAll('\n', '\n    ')}`,
      ...(help === undefined ? [] : [`    ${style.dim('help')}  ${help}`]),
    ];
  });
}

function passedLines(passed: readonly string[], checks: DoctorReport['checks']): string[] {
  const shown = checks.filter(({ name }) => passed.includes(name));
  const width = Math.max(...shown.map(({ name }) => name.length));
  return shown.map(({ name, about }) => `  ${name.padEnd(width)}  ${about}`);
}

/** `1 error, 2 warnings; 12 checks passed, 1 not known`. */
function summaryOf({ findings, passed, unknown, kinds }: DoctorReport): string {
  const counts = SEVERITIES.map(severity => countOf(findings, kinds, severity));
  const [errors = 0, warnings = 0, notes = 0] = counts;
  const found = [
    counted(errors, 'error'),
    counted(warnings, 'warning'),
    ...(notes > 0 ? [counted(notes, 'note')] : []),
  ];
  const checked = [
    `${counted(passed.length, 'check')} passed`,
    ...(unknown.length > 0 ? [`${unknown.length} not known`] : []),
  ];
  return `${found.join(', ')}; ${checked.join(', ')}`;
}

export function countOf(
  findings: readonly Finding[],
  kinds: DoctorReport['kinds'],
  severity: Severity,
): number {
  return findings.filter(({ code }) => kinds[code]!.severity === severity).length;
}

function counted(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

export function doctorJson(report: DoctorReport): object {
  const { host, roles, judged, findings, unknown, passed, kinds } = report;
  return {
    host,
    roles,
    judged,
    findings: findings.map(one => findingJson(one, kinds[one.code]!)),
    unknown,
    passed,
    errors: countOf(findings, kinds, 'error'),
    warnings: countOf(findings, kinds, 'warning'),
    notes: countOf(findings, kinds, 'note'),
  };
}

function findingJson(one: Finding, kind: Kind): object {
  const { code, subject, what, mend = [] } = one;
  const help = helpOf(one, kind);
  return {
    code,
    severity: kind.severity,
    subject,
    what,
    why: kind.why,
    ...(help === undefined ? {} : { help }),
    commands: mend.map(({ line }) => line),
    fixable: kind.safe && mend.length > 0,
  };
}
