import type { Cluster } from '../../cluster/cluster.js';
import { serviceKey } from '../../cluster/naming.js';
import { harmless } from '../../diagnostic/quote.js';
import { command } from '../../director/host/act.js';
import { targetFor } from '../../director/running.js';
import { planTable, type Plan, type Step } from '../../table/plan.js';
import type { Check } from '../check.js';
import type { Finding } from '../finding.js';
import { directorStart } from './start.js';
import { type Patient, patientOf } from '../patient.js';

export const table: Check = {
  name: 'table',
  about: "the kernel's table is what runs, drains and dead servers included",
  async examine(patient) {
    if (!(await patient.duties())) return undefined;
    const first = await read(patient);
    // Somebody may be changing it just now: what is still so a moment later has drifted.
    if (first.plan.steps.length > 0) await patient.ports.clock.sleep(MOMENT);
    const { plan, cluster, isApplied } = first.plan.steps.length > 0 ? await read(patientOf(patient)) : first;
    if (!isApplied && plan.steps.length > 0) return [notApplied(patient)];
    const names = new Map(cluster.services.map(one => [serviceKey(one.virtual), one.name]));
    const act = await directorStart(patient);
    return judgeTable(plan, names).map(one =>
      one.code === 'foreign-service' ? one : { ...one, mend: [act] },
    );
  },
};

/** Milliseconds. */
const MOMENT = 1000;

async function read({ live: readLive, checked, cluster: described }: Patient): Promise<{
  readonly plan: Plan;
  readonly cluster: Cluster;
  readonly isApplied: boolean;
}> {
  const [{ table: live }, running] = await Promise.all([readLive(), checked()]);
  const cluster = running.current?.cluster ?? described;
  const { wanted, owned } = targetFor(cluster, running);
  return { plan: planTable(live, wanted, { owned }), cluster, isApplied: running.current !== undefined };
}

function notApplied({ fileWords }: Patient): Finding {
  return {
    code: 'not-applied',
    subject: 'the table',
    what: 'nothing has been applied on this director, and its table is not that of the description',
    help: 'lvsctl plan shows what that would change',
    mend: [command('lvsctl', 'apply', ...fileWords)],
  };
}

/** @param names of services, by `serviceKey` */
export function judgeTable({ steps, foreign }: Plan, names: ReadonlyMap<string, string>): Finding[] {
  const groups = new Map<string, string[]>();
  for (const step of steps) {
    const key = step.service ?? TIMEOUTS;
    groups.set(key, [...(groups.get(key) ?? []), wordsOf(step)]);
  }
  const subject = (key: string): string => {
    const name = names.get(key);
    return name === undefined || name === key ? `service ${key}` : `service ${harmless(name)} (${key})`;
  };
  return [
    ...[...groups].map(
      ([key, words]): Finding => ({
        code: 'table-drift',
        subject: key === TIMEOUTS ? key : subject(key),
        what:
          words.length > SHOWN
            ? `${words.slice(0, SHOWN).join('; ')}; and ${words.length - SHOWN} more`
            : words.join('; '),
      }),
    ),
    ...foreign.map(
      (key): Finding => ({
        code: 'foreign-service',
        subject: subject(key),
        what: 'it is in the table, and not of this cluster',
        help: 'lvsctl apply --prune removes it; lvsctl import kernel shows it as a description',
      }),
    ),
  ];
}

const TIMEOUTS = 'time-outs of connections';
const SHOWN = 5;

function wordsOf({ change, server, differences }: Step): string {
  const edits = differences.map(({ name, before, after }) =>
    after === undefined
      ? `has ${name}`
      : `has ${before === undefined ? 'no ' : ''}${name}${before === undefined ? '' : ` ${before}`}, not ${after}`,
  );
  switch (change.kind) {
    case 'add-service':
      return 'it is missing';
    case 'remove-service':
      return 'it should be gone';
    case 'add-server':
      return `server ${server} is missing`;
    case 'remove-server':
      return `server ${server} should be gone`;
    case 'edit-server':
      return `server ${server} ${edits.join(', ')}`;
    case 'edit-service':
    case 'set-timeouts':
      return `it ${edits.join(', ')}`;
  }
}
