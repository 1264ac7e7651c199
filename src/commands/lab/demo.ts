import { join } from 'node:path';
import type { Cluster } from '../../cluster/cluster.js';
import type { LabEvent } from '../../lab/events.js';
import type { Context, Options } from '../context.js';
import { clusterOf } from '../description.js';
import { EXIT, Failure } from '../exit.js';
import { boot } from './boot.js';
import { needPrograms } from './programs.js';
import { Progress } from './progress.js';
import { indented, tellTour } from './tour.js';

/** What the story changes in the example: the line's key and its other value. */
const INSTEAD = [
  ['failover', 'vrrp'],
  ['checker', 'keepalived'],
] as const;

/**
 * The example cluster as a story in the lab's machine. Where that cannot be had, the files that it is made of, and why
 * there was no more.
 */
export async function tellDemo(context: Context, options: Options): Promise<number> {
  const path = join(context.packageRoot, 'lvs.conf.example');
  const text = new TextDecoder().decode(await context.ports.files.read(path));
  const folder = join(context.workingDirectory, 'lvsctl-demo');
  let number = 0;
  const chapter = (title: string): void =>
    context.out(`\n${context.outStyle.bold(`${++number}. ${title}`)}\n\n`);
  const tell = (line: string): void => context.out(`${line}\n`);

  chapter('One description');
  tell('lvs.conf.example describes two directors and two real servers. Without its comments:\n');
  tell(indented(withoutComments(text)));
  const cluster = await quietly(context, text);
  const tour = (): Promise<number> => tellTour(context, { path, cluster, folder }, chapter);

  let begun = false;
  try {
    await needPrograms(context, options['install'] === true);
    const changed = INSTEAD.reduce(instead, text);
    chapter('A machine for it');
    tell(
      "lvsctl boots Debian's kernel in a virtual machine, with each host of the description as a container in it:",
    );
    tell(
      'its own addresses, its own files as `lvsctl configure` makes them, the real ipvsadm and keepalived.',
    );
    tell(
      `Two lines are other than in the example: ${INSTEAD.map(one => one.join(' ')).join(', ')}. heartbeat would wait for 30`,
    );
    tell('seconds of silence before it takes over, and mon starts a process for each check and each alert.');
    return await story(context, await quietly(context, changed), event => {
      begun = true;
      if (event.event === 'chapter') chapter(event.title);
    });
  } catch (error) {
    if (!(error instanceof Failure) || error.exitCode === EXIT.interrupted || begun) throw error;
    const exitCode = await tour();
    if (exitCode !== EXIT.done) return exitCode;
    chapter('What was not shown, and why');
    tell(
      'These are files. No packet was sent: requests that are balanced, ARP wrong and right, a server and a director',
    );
    tell('that die are shown in a virtual machine, which could not be had here:\n');
    tell(indented([error.message, ...(error.help ? error.help.split('\n') : [])]));
    tell(
      '\nLook around in lvsctl-demo; remove it when you are done. Then write your own lvs.conf: docs/guide.md.',
    );
    return EXIT.done;
  }
}

async function story(context: Context, cluster: Cluster, heard: (event: LabEvent) => void): Promise<number> {
  const progress = new Progress(context);
  const name = 'lvs.conf.example';
  // What was typed on a host stands apart from what is told.
  let last: LabEvent['event'] | undefined;
  const status = await boot(context, { cluster, name, order: { what: 'story' } }, progress, event => {
    progress.end();
    heard(event);
    if (event.event === 'say') progress.output(last === 'typed' ? `\n${event.text}` : event.text);
    if (event.event === 'typed') {
      progress.output(
        `${last === 'say' ? '\n' : ''}${context.outStyle.dim(`    ${event.host}# ${event.command}`)}`,
      );
      progress.output(indented(event.output.split('\n')));
    }
    last = event.event;
    progress.doing('…');
  });
  const tell = (line: string): void => context.out(`${line}\n`);
  if (status === 0) {
    tell('\nAll of it came from files that lvsctl makes. See them with');
    tell(indented(['lvsctl configure -f lvs.conf.example --out files']));
    tell('and let your own cluster go through more than this, before it carries traffic:');
    tell(indented(['lvsctl lab rehearse -f YOUR-lvs.conf']));
    tell('How to write that one: docs/guide.md.');
  }
  return status === 0 ? EXIT.done : EXIT.failed;
}

/** The example's cluster; its one warning is for those who use it. */
async function quietly(context: Context, text: string): Promise<Cluster> {
  const quiet: Context = {
    ...context,
    err: () => undefined,
    stdin: () => Promise.resolve(new TextEncoder().encode(text)),
  };
  return (await clusterOf(quiet, { file: '-' })).cluster;
}

function instead(text: string, [key, value]: readonly [string, string]): string {
  return text.replace(new RegExp(`^(${key} +)[a-z]+`, 'm'), `$1${value}`);
}

function withoutComments(text: string): string[] {
  const lines = text.split('\n').map(line => line.replace(/\s*#.*/, '').replaceAll('\t', '    '));
  return lines.filter((line, index) => line !== '' || (index > 0 && lines[index - 1] !== ''));
}
