import type { MachineChange, PlacedAddress } from '../table/machine.js';
import type { FilesChange, RenewedFile, UnitStep } from '../table/renewed.js';
import type { Plan, Step } from '../table/plan.js';
import type { Style } from './style.js';

/** A setting of the kernel that is not as the rendered files have it. */
export interface SettingDifference {
  readonly name: string;
  readonly before: string | null;
  readonly after: string;
}

export interface Frame {
  readonly plan: Plan;
  readonly settings: readonly SettingDifference[];
  /** What else changes on the machine. */
  readonly machine?: MachineChange;
  /** This host's rendered files that change with it. */
  readonly files?: FilesChange;
  /** Files by which keepalived gets its weights, as far as they change. */
  readonly tracks?: readonly RenewedFile[];
  /** Who checks the servers, and takes the dead ones out of the table. */
  readonly owner: 'lvsctl' | 'keepalived';
  /** What keepalived holds down, a word or two each: it stays so. */
  readonly held?: readonly string[];
}

/** So many are named. */
const SHOWN = 5;
const SIGNS = { add: '+', edit: '~', remove: '−' } as const;
const COLOURS = { add: 'green', edit: 'yellow', remove: 'red' } as const;
type Act = keyof typeof SIGNS;
const NO_FILES: FilesChange = { files: [], units: false, reloads: [] };

/** A plan for people: a line for each change, a summary, and what else is worth knowing. */
export function planText(
  { plan, settings, held = [], machine, files = NO_FILES, tracks = [] }: Frame,
  showForeign: boolean,
  style: Style,
): string {
  const { steps, foreign } = plan;
  const { first, last } = machine ? machineTexts(machine) : { first: [], last: [] };
  const renewed = [...files.files, ...tracks.slice(0, SHOWN)].map(renewedText);
  const more = tracks.slice(SHOWN);
  const ends = (files.handover?.first ?? []).map(unitText);
  const begins = (files.handover?.last ?? []).map(unitText);
  const others = [...ends, ...first, ...last, ...renewed, ...more.map(renewedText), ...begins];
  const otherText = ({ act, text }: MachineText): string => `${style[COLOURS[act]](SIGNS[act])} ${text}`;
  const lines = [
    ...ends.map(otherText),
    ...first.map(otherText),
    ...steps.map(step => stepText(step, style)),
    ...last.map(otherText),
    ...renewed.map(otherText),
    ...moreTracks(more).map(otherText),
    // Nothing that is added or removed.
    ...files.reloads.map(daemon => otherText({ act: 'edit', text: `reload ${daemon}` })),
    ...begins.map(otherText),
  ];
  if (lines.length > 0) lines.push('');
  lines.push(summaryText([...steps.map(actOf), ...others.map(one => one.act)]));
  const cut = steps.reduce((sum, { cuts }) => sum + (cuts?.active ?? 0) + (cuts?.inactive ?? 0), 0);
  if (cut > 0) lines.push(`note: ${counted(cut, 'connection')} would be cut by what is removed`);
  if (steps.some(step => step.gap))
    lines.push('note: while a scheduler changes, the kernel refuses new connections for a moment');
  if (held.length > 0) {
    const more = held.length > SHOWN ? `, and ${held.length - SHOWN} more` : '';
    lines.push(`note: held down by keepalived, and left so: ${held.slice(0, SHOWN).join(', ')}${more}`);
  }
  for (const { name, before, after } of settings)
    lines.push(`note: ${name} is ${before ?? 'absent'}; the rendered settings have ${after}`);
  if (showForeign) for (const key of foreign) lines.push(`  ${key}  not in the description, left alone`);
  else if (foreign.length > 0)
    lines.push(
      `note: ${counted(foreign.length, 'service')} not in the description, left alone (--foreign names them)`,
    );
  return `${lines.join('\n')}\n`;
}

function stepText(step: Step, style: Style): string {
  const act = actOf(step);
  const colour = style[COLOURS[act]];
  const name =
    step.service === undefined ? 'timeouts' : [step.service, step.server].filter(Boolean).join(' → ');
  const attributes = [...step.attributes].map(([key, value]) => `${key} ${value}`);
  const differences = step.differences.map(
    ({ name: key, before, after }) => `${key} ${before ?? noneOf(after)} → ${after ?? noneOf(before)}`,
  );
  const cuts = step.cuts ? [cutsText(step.cuts)] : [];
  const words = act === 'remove' ? cuts : [...attributes, ...differences];
  return `${colour(SIGNS[act])} ${[name, ...words].join('  ')}`;
}

function noneOf(other: string | undefined): string {
  return other === 'yes' ? 'no' : 'none';
}

function cutsText({ active, inactive }: { readonly active: number; readonly inactive: number }): string {
  return `cuts ${active} active, ${inactive} inactive`;
}

function actOf({ change }: Step): Act {
  if (change.kind.startsWith('add')) return 'add';
  return change.kind.startsWith('remove') ? 'remove' : 'edit';
}

interface MachineText {
  readonly act: Act;
  readonly text: string;
}

/** What changes besides the table, a line each: what comes before the table does, and what after it. */
function machineTexts({ before, after }: MachineChange): Record<'first' | 'last', MachineText[]> {
  const values = new Map(before.settings.map(one => [one.path, one.value]));
  const place = (one: PlacedAddress): string => `${one.address}/${one.prefix}  on ${one.interface}`;
  const marks: Act = before.marks === null ? 'add' : after.marks === null ? 'remove' : 'edit';
  return {
    first: [
      ...after.settings.map(({ path, value }) => ({
        act: 'edit' as const,
        text: `/proc/sys/${path}  ${values.get(path) ?? 'none'} → ${value}`,
      })),
      ...before.addresses.map(one => ({ act: 'remove' as const, text: place(one) })),
    ],
    last: [
      ...(after.marks === undefined ? [] : [{ act: marks, text: 'firewall marks' }]),
      ...after.addresses.map(one => ({ act: 'add' as const, text: place(one) })),
    ],
  };
}

function unitText({ act, unit }: UnitStep): MachineText {
  return { act: 'edit', text: `${act} ${unit}.service` };
}

/** There is one for each server. */
function moreTracks(tracks: readonly RenewedFile[]): MachineText[] {
  return (['make', 'renew'] as const).flatMap(act => {
    const count = tracks.filter(one => one.act === act).length;
    if (count === 0) return [];
    return [{ act: FILE_ACTS[act], text: `${act} ${counted(count, 'more track file')}` }];
  });
}

const FILE_ACTS = { make: 'add', renew: 'edit' } as const;

function renewedText({ act, path }: RenewedFile): MachineText {
  return { act: FILE_ACTS[act], text: `${act} ${path}` };
}

function summaryText(acts: readonly Act[]): string {
  const counts = summary(acts);
  if (acts.length === 0) return 'nothing to change';
  return `${counts.add} to add, ${counts.edit} to change, ${counts.remove} to remove`;
}

function summary(acts: readonly Act[]): Record<Act, number> {
  const counts = { add: 0, edit: 0, remove: 0 };
  for (const act of acts) counts[act]++;
  return counts;
}

function counted(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

/** The same as data. */
export function planJson({
  plan,
  settings,
  owner,
  held = [],
  machine,
  files = NO_FILES,
  tracks = [],
}: Frame): object {
  return {
    owner,
    ...(owner === 'keepalived' ? { held } : {}),
    changes: plan.steps.map(({ change, line, service, server, attributes, differences, cuts, gap }) => ({
      kind: change.kind,
      ...(service === undefined ? {} : { service }),
      ...(server === undefined ? {} : { server }),
      ...(attributes.size > 0 ? { attributes: Object.fromEntries(attributes) } : {}),
      ...(differences.length > 0 ? { differences } : {}),
      ...('before' in change ? { before: change.before, after: change.after } : {}),
      ...(cuts ? { cuts } : {}),
      ...(gap ? { gap } : {}),
      command: `ipvsadm ${line}`,
    })),
    ...(machine ? { machine } : {}),
    ...(files.files.length > 0 ? { files: files.files, reloads: files.reloads } : {}),
    ...(files.handover ? { handover: files.handover } : {}),
    ...(tracks.length > 0 ? { tracks } : {}),
    summary: summary(plan.steps.map(actOf)),
    foreign: plan.foreign,
    settings,
  };
}
