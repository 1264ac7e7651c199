import * as z from '../diagnostic/zod.js';
import type { Notify } from '../cluster/cluster.js';
import { readDocument } from '../state/documents.js';
import { failureText, onFile, StateFailure } from '../state/failure.js';
import { drop, NAME } from '../state/inbox.js';
import { type Change, changesSchema, type Message } from '../state/notices.js';
import { OUTBOX } from '../state/paths.js';
import { hostName, integer, line } from '../state/values.js';
import type { Ports } from '../system/ports.js';
import type { Visitor } from './door.js';

/** A message on its way: whom it goes to, and of one service or several what has changed. */
interface Letter {
  readonly host: string;
  readonly to: { readonly mail: readonly string[] } | { readonly command: readonly string[] };
  readonly changes: readonly Change[];
  readonly more: number;
}

const schema: z.ZodType<{ readonly event: Letter }> = z.strictObject({
  event: z.strictObject({
    host: hostName,
    to: z.union([
      z.strictObject({ mail: z.array(line).min(1) }),
      z.strictObject({ command: z.array(line).min(1) }),
    ]),
    changes: changesSchema,
    more: integer(0, Number.MAX_SAFE_INTEGER),
  }),
});

export function isAnyoneTold({ mail, command }: Notify): boolean {
  return mail.length > 0 || command !== undefined;
}

/**
 * Puts messages on their way: one mail with all of them, and a run of the command for each service. Under the lock
 * they are only written down; `deliver` sends them, who may be slow, once it is free.
 *
 * @throws StateFailure
 */
export async function post(
  { files, clock }: Ports,
  host: string,
  { mail, command }: Notify,
  messages: readonly Message[],
): Promise<void> {
  if (messages.length === 0) return;
  const letters: Letter[] = command ? messages.map(one => ({ host, to: { command }, ...one })) : [];
  const changes = messages.flatMap(one => one.changes);
  const more = messages.reduce((sum, one) => sum + one.more, 0);
  if (mail.length > 0) letters.unshift({ host, to: { mail }, changes, more });
  for (const letter of letters) await drop(files, clock, letter, OUTBOX);
}

/**
 * Sends what is on its way. Of several that do so at once each takes another message, by giving its file a name with
 * its own process in it; what was taken by one that has died is taken again.
 */
export async function deliver(visitor: Visitor): Promise<void> {
  const { ports, pid, warn } = visitor;
  const { files } = ports;
  try {
    for (const name of await onFile(OUTBOX, () => files.list(OUTBOX))) {
      const [, letter = '', taker] = /^(.+\.json)(?:\.(\d+))?$/.exec(name) ?? [];
      if (!NAME.test(letter)) continue;
      if (taker !== undefined && (Number(taker) === pid || (await files.look(`/proc/${taker}`)))) continue;
      const own = `${OUTBOX}/${letter}.${pid}`;
      const isTaken = await files.rename(`${OUTBOX}/${name}`, own).then(
        () => true,
        () => false,
      );
      if (!isTaken) continue;
      const found = await readDocument(files, own, schema);
      if (found) await send(visitor, found.event);
      await files.remove(own);
    }
  } catch (error) {
    if (!(error instanceof StateFailure)) throw error;
    warn(`a message is not sent: ${failureText(error)}`);
  }
}

/** Milliseconds that a program has for a message. */
const PATIENCE = 30_000;

async function send({ ports, warn }: Visitor, letter: Letter): Promise<void> {
  const { to } = letter;
  const [program = '', ...args] = 'mail' in to ? ['sendmail', '-oi', ...to.mail] : to.command;
  const input = 'mail' in to ? mailText(letter, to.mail) : `${JSON.stringify(eventOf(letter))}\n`;
  const { exitCode, missing, timedOut } = await ports.runner.run(program, args, { input, timeout: PATIENCE });
  if (exitCode === 0) return;
  const why = missing
    ? 'it is missing, or may not be run'
    : timedOut
      ? `it has not ended after ${PATIENCE / 1000} s`
      : `it ended with ${exitCode ?? 'a signal'}`;
  const text = `nobody is told of ${subjectOf(letter)}: ${program}: ${why}`;
  warn(text);
  // Whoever calls alerts throws away what they say.
  await ports.runner.run('logger', ['-p', 'daemon.err', '-t', 'lvsctl', '--', text]);
}

/** For the command: the last change, as `lvs.notify` of keepalived tells it, and all of them. */
function eventOf({ host, changes, more }: Letter): object {
  return { version: 1, host, ...changes.at(-1), changes, more };
}

function subjectOf({ changes, more }: Letter): string {
  const [first] = changes;
  if (first && changes.length + more === 1) return first.text[0] ?? first.service;
  const services = [...new Set(changes.map(one => one.service))];
  const named =
    services.slice(0, 5).join(', ') + (services.length > 5 ? ` and ${services.length - 5} more` : '');
  return `${changes.length + more} changes: ${named}`;
}

function mailText(letter: Letter, to: readonly string[]): string {
  const { host, changes, more } = letter;
  const lines = changes.flatMap(({ time, text, cause }) => [
    `${time} (${cause})`,
    ...text.map(one => `  ${one}`),
  ]);
  return [
    `To: ${to.join(', ')}`,
    `Subject: lvsctl ${host}: ${subjectOf(letter)}`,
    'Auto-Submitted: auto-generated',
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: 8bit',
    '',
    ...lines,
    ...(more > 0 ? [`and ${more} more`] : []),
    '',
  ].join('\n');
}
