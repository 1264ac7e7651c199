import { join } from 'node:path';
import { ANONYMOUS_DIRECTOR, REAL_SERVER_FOLDER } from '../../cluster/machines.js';
import { PLACES } from '../../render/places.js';
import { align } from '../../render/text.js';
import { run as configure } from '../configure.js';
import type { Context } from '../context.js';
import type { Cluster } from '../../cluster/cluster.js';
import { EXIT } from '../exit.js';
import { ABOUT } from './about.js';

/** What the reader is shown of a file: from the first line that matches, so many lines. */
interface Look {
  readonly host: string;
  readonly path: string;
  readonly why: string;
  readonly from: RegExp;
  readonly lines: number;
}

/** The example, and where its files are to go. */
export interface Example {
  readonly path: string;
  readonly cluster: Cluster;
  /** Absolute. */
  readonly folder: string;
}

/** Renders the example for all its hosts, and walks the reader through what was made. */
export async function tellTour(
  context: Context,
  { path, cluster, folder }: Example,
  chapter: (title: string) => void,
): Promise<number> {
  const { files } = context.ports;
  const options = { file: path, out: folder, force: true };
  // Its warning is for those who use it, and the list of files is told in other words.
  const quiet: Context = { ...context, out: () => undefined, err: () => undefined };
  const tell = (text: string): void => context.out(`${text}\n`);

  const exitCode = await configure(quiet, [], options);
  if (exitCode !== EXIT.done) return exitCode;
  const shown = folder.startsWith(`${context.workingDirectory}/`)
    ? folder.slice(context.workingDirectory.length + 1)
    : folder;
  chapter('Every file');
  tell(`lvsctl configure -f lvs.conf.example --out ${shown} made one tree for each director`);
  tell('and one for all real servers. Each is to be copied over the / of its host.');
  const directors = cluster.directors.map(one => one.name);
  const [primary = ANONYMOUS_DIRECTOR, ...others] = directors;
  for (const host of [primary, REAL_SERVER_FOLDER]) {
    const same = host === primary && others.length > 0 ? ` (and ${others.join(', ')}, likewise)` : '';
    tell(`\n  ${context.outStyle.bold(`${shown}/${host}`)}${same}`);
    const paths = await walk(context, join(folder, host), '');
    tell(indented(align(paths.map(path => [path, ABOUT[path] ?? '']))));
  }

  chapter('A closer look at some');
  for (const look of looks(primary)) {
    const text = new TextDecoder().decode(await files.read(join(folder, look.host, look.path)));
    const all = text.split('\n');
    const start = Math.max(
      0,
      all.findIndex(line => look.from.test(line)),
    );
    tell(`${look.why}\n${context.outStyle.dim(`  ${look.host}${look.path}, from line ${start + 1}`)}`);
    tell(`${indented(all.slice(start, start + look.lines), '    | ')}\n`);
  }

  return EXIT.done;
}

function looks(primary: string): Look[] {
  return [
    {
      host: primary,
      path: PLACES.fillTable,
      why: "The kernel's table. Every line gives every attribute, since an edit forgets what it is not told:",
      from: /^-A /,
      lines: 9,
    },
    {
      host: primary,
      path: '/etc/mon/mon.cf',
      why: 'Each server of each service is watched for itself; the alert says which entry of the table is meant:',
      from: /^hostgroup .*_22_tcp_/,
      lines: 16,
    },
    {
      host: primary,
      path: PLACES.haResources,
      why: 'When the primary dies, the standby runs director.lvs.dr start: the table first, then the VIPs.',
      from: /^[^#].*director\.lvs\.dr/,
      lines: 1,
    },
    {
      host: REAL_SERVER_FOLDER,
      path: PLACES.realServerSettings,
      why: 'Direct routing needs the VIP on every machine, and only the director may answer ARP for it:',
      from: /ARP/,
      lines: 18,
    },
  ];
}

async function walk(context: Context, root: string, folder: string): Promise<string[]> {
  const { files } = context.ports;
  const found: string[] = [];
  for (const name of await files.list(join(root, folder))) {
    const path = `${folder}/${name}`;
    const entry = await files.look(root + path);
    if (entry?.kind === 'folder') found.push(...(await walk(context, root, path)));
    else if (!name.includes('.lvsctl-old')) found.push(path);
  }
  return found;
}

export function indented(lines: readonly string[], by = '    '): string {
  return lines
    .map(line => (by + line).trimEnd())
    .join('\n')
    .trimEnd();
}
