import { dirname, join } from 'node:path';
import { harmless, quote } from '../../diagnostic/quote.js';
import type { LabEvent } from '../../lab/events.js';
import { allPassed, type DrillResult, type Report } from '../../lab/report.js';
import type { LabHost } from '../../lab/topology.js';
import { reportJson, reportText } from '../../view/lab-report.js';
import { reportPage } from '../../view/report-page.js';
import type { Context, Options } from '../context.js';
import { EXIT, Failure, fileFailure } from '../exit.js';
import { placeOfFile } from '../place-of-file.js';
import { loadTexts } from '../texts.js';
import { actingIn, boot, type Booking, labCluster } from './boot.js';
import { Progress } from './progress.js';

/**
 * Boots the described cluster, runs the drills on it and reports; with `--from` it is made of another one meanwhile. Done
 * only if every drill has passed.
 */
export async function rehearse(context: Context, options: Options): Promise<number> {
  const page = await pageOf(context, options['report']);
  const { booking, from } = await bookingOf(context, options);
  const progress = new Progress(context);
  const start = context.ports.clock.elapsed();
  const drills: DrillResult[] = [];
  let hosts: readonly LabHost[] = [];
  let place = '';
  let planned = 0;
  const told = (event: LabEvent): void => {
    if (event.event === 'hosts') ({ hosts } = event);
    if (event.event === 'begin') {
      planned = event.of;
      place = `${event.number}/${event.of}`;
      progress.doing(`${place} ${event.title}`);
    }
    if (event.event === 'end') {
      const { event: _, ...result } = event;
      drills.push(result);
      progress.end();
      progress.line(drillLine(context, place, result));
    }
  };
  const broken = await boot(context, booking, progress, told).then(
    () => undefined,
    (error: unknown) => {
      // What was found out before the end is worth a report, too.
      if (error instanceof Failure && drills.length > 0) return error;
      throw error;
    },
  );
  if (broken) drills.push(rest(drills.length + 1, broken.message));
  else if (drills.length < planned) drills.push(rest(drills.length + 1, 'nothing was heard of them'));
  const seconds = Math.round((context.ports.clock.elapsed() - start) / 1000);
  const report: Report = {
    version: 1,
    ...(from === undefined ? {} : { from }),
    description: booking.name,
    hosts,
    drills,
    seconds,
  };
  const json = options['output'] === 'json';
  context.out(json ? reportJson(report) : `\n${reportText(report, context.outStyle)}`);
  if (page !== undefined) await writePage(context, page, report);
  if (broken) throw broken;
  return allPassed(report) ? EXIT.done : EXIT.failed;
}

async function bookingOf(context: Context, options: Options): Promise<{ booking: Booking; from?: string }> {
  const { from } = options;
  if (typeof from === 'string') {
    const { changeBooking } = await import('./change.js');
    return await changeBooking(context, options, from);
  }
  const described = await labCluster(context, options);
  const { parts, ...acting } = actingIn(context, described);
  const { cluster, name } = described;
  return { booking: { cluster, name, order: { what: 'rehearse', ...acting }, parts } };
}

/** The drills from this number on, which nobody ran to their end. */
function rest(number: number, why: string): DrillResult {
  const title = `all drills from number ${number} on`;
  return { id: 'rest', title, outcome: 'not-run', detail: why, figures: {}, seconds: 0 };
}

/** `✔ 3/12 web answers (midas)  2.1 s`. */
function drillLine(
  context: Context,
  place: string,
  { title, subject, outcome, detail, seconds }: DrillResult,
): string {
  const style = context.errStyle;
  const glyph = { passed: style.green('✔'), failed: style.red('✘'), 'not-run': style.yellow('–') }[outcome];
  const about = subject === undefined ? '' : ` (${subject})`;
  const why = outcome === 'passed' ? '' : `: ${detail}`;
  return `${glyph} ${place} ${harmless(title + about + why)}  ${style.dim(`${seconds} s`)}`;
}

/** Where the page goes: tried before the minutes of work for it. */
async function pageOf(context: Context, given: Options[string]): Promise<string | undefined> {
  if (typeof given !== 'string') return undefined;
  const path = await placeOfFile(context, '--report', given);
  const { files } = context.ports;
  const trial = join(dirname(path), `.lvsctl-${context.pid}`);
  try {
    await files.replace(trial, '', 0o600);
    await files.remove(trial);
  } catch (error) {
    throw fileFailure(`the report ${quote(path)} cannot be written`, error);
  }
  return path;
}

async function writePage(context: Context, path: string, report: Report): Promise<void> {
  const template = (await loadTexts(context)).text('lab/report.html.hbs');
  try {
    await context.ports.files.replace(path, reportPage(report, template!), 0o644);
  } catch (error) {
    throw fileFailure(`the report ${quote(path)} could not be written`, error);
  }
  context.err(`wrote ${harmless(path)}\n`);
}
