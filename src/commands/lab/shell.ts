import { MOST_BYTES } from '../../config/decode.js';
import { harmless } from '../../diagnostic/quote.js';
import type { LabEvent } from '../../lab/events.js';
import { hostsText } from '../../lab/shell.js';
import type { Context, Options } from '../context.js';
import { EXIT, Failure } from '../exit.js';
import { actingIn, boot, labCluster } from './boot.js';
import { Progress } from './progress.js';

/**
 * Boots the described cluster and gives the user a prompt in it; where standard input is no terminal, runs the commands
 * that it holds. @returns the exit status of the last one
 */
export async function shell(context: Context, options: Options): Promise<number> {
  if (!context.inTerminal && options['file'] === '-') {
    throw new Failure(EXIT.usage, 'standard input cannot be both the description and the commands');
  }
  const described = await labCluster(context, options);
  const { cluster, name } = described;
  const { parts, ...acting } = actingIn(context, described);
  const commands = context.inTerminal ? null : await commandsOf(context);
  const progress = new Progress(context);
  const told = (event: LabEvent): void => {
    if (event.event === 'hosts' && commands !== null) progress.line(hostsText(event.hosts).trimEnd());
    if (event.event === 'prompt') {
      progress.end();
      progress.plainly();
    }
    if (event.event === 'output') {
      if (event.to === 'out') progress.output(event.text);
      else progress.line(event.text);
    }
  };
  return boot(
    context,
    { cluster, name, order: { what: 'shell', commands, ...acting }, parts },
    progress,
    told,
  );
}

async function commandsOf(context: Context): Promise<string> {
  const bytes = await context.stdin(MOST_BYTES + 1);
  if (bytes.length > MOST_BYTES) {
    throw new Failure(EXIT.usage, `more than ${MOST_BYTES >> 20} MiB of commands are refused`);
  }
  const text = new TextDecoder().decode(bytes);
  if (text.includes('\u0000'))
    throw new Failure(EXIT.usage, `the commands hold ${harmless('\u0000')}, which no shell reads`);
  return text;
}
