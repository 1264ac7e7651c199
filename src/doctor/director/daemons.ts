import { posix } from 'node:path';
import type { Cluster } from '../../cluster/cluster.js';
import { DEFAULT_KEEPALIVED, DEFAULT_MON } from '../../cluster/defaults.js';
import { harmless } from '../../diagnostic/quote.js';
import { command } from '../../director/host/act.js';
import type { Check } from '../check.js';
import type { Finding } from '../finding.js';
import type { Process } from '../processes.js';

export const daemons: Check = {
  name: 'daemons',
  about: 'the daemons that check the servers and move the addresses run, with the right files',
  async examine({ duties, cluster, processes, fileWords, ports: { files } }) {
    if (!(await duties())) return undefined;
    if (daemonsOf(cluster).length === 0) return undefined;
    const alert = `${cluster.mon.alerts.split(':')[0]}/lvs.alert`;
    const entry = cluster.checker === 'mon' ? await files.look(alert) : undefined;
    const isExecutable = entry?.kind === 'file' ? (entry.mode & 0o111) !== 0 : entry?.kind === 'link';
    return [
      ...judgeDaemons(cluster, await processes()),
      ...(cluster.checker === 'mon' ? judgeAlert(alert, entry !== undefined, isExecutable, fileWords) : []),
    ];
  },
};

export type Daemon = 'mon' | 'keepalived' | 'heartbeat';

/** Those that the directors of a cluster have. */
export function daemonsOf({ checker, failover }: Cluster): Daemon[] {
  const all: Daemon[] = [];
  if (checker !== 'none') all.push(checker);
  if (failover.by === 'heartbeat') all.push('heartbeat');
  if (failover.by === 'vrrp' && checker !== 'keepalived') all.push('keepalived');
  return all;
}

/** mon is a program of perl's; heartbeat calls its processes `heartbeat: master control process` and the like. */
const IS: Readonly<Record<Daemon, (words: readonly string[]) => boolean>> = {
  mon: ([program = '', ...args]) =>
    isCalled(program, 'mon') ||
    (posix.basename(program).startsWith('perl') && args.slice(0, 2).some(one => isCalled(one, 'mon'))),
  keepalived: ([program = '']) => isCalled(program, 'keepalived'),
  heartbeat: ([program = '']) => /^(\S*\/)?heartbeat(:|$)/.test(program),
};

function isCalled(path: string, name: string): boolean {
  return posix.basename(path) === name;
}

export function judgeDaemons(cluster: Cluster, processes: readonly Process[]): Finding[] {
  return daemonsOf(cluster).flatMap((name): Finding[] => {
    const running = processes.filter(({ words }) => IS[name](words));
    const checks = name === cluster.checker;
    if (running.length === 0) {
      const code = checks ? 'checker-not-running' : 'failover-not-running';
      const mend = [command('systemctl', 'start', name)];
      return [{ code, subject: name, what: 'no process of it runs', mend }];
    }
    return [
      ...(name === 'heartbeat' ? [] : judgeConfig(name, cluster, running)),
      ...(name === 'keepalived' && checks ? judgeRelease(running) : []),
    ];
  });
}

function judgeConfig(name: 'mon' | 'keepalived', cluster: Cluster, running: readonly Process[]): Finding[] {
  const [wanted, usual, short, long] =
    name === 'mon'
      ? ([cluster.mon.config, DEFAULT_MON.config, '-c', '-c'] as const)
      : ([cluster.keepalived.config, DEFAULT_KEEPALIVED.config, '-f', '--use-file'] as const);
  const used = running.map(({ words }) => optionOf(words, short, long) ?? usual);
  const other = used.find(path => path !== wanted);
  // Its children have no options of their own.
  if (other === undefined || used.includes(wanted)) return [];
  const what = `it reads ${harmless(other)}, and not ${wanted}`;
  return [
    { code: 'daemon-other-file', subject: name, what, help: `systemctl cat ${name} shows how it is started` },
  ];
}

/** `-f FILE`, `-fFILE`, `--use-file FILE`, `--use-file=FILE`. */
function optionOf(words: readonly string[], short: string, long: string): string | undefined {
  for (const [at, word] of words.entries()) {
    if (word === short || word === long) return words[at + 1];
    if (word.startsWith(`${long}=`)) return word.slice(long.length + 1);
    if (word.startsWith(short) && word.length > 2) return word.slice(2);
  }
  return undefined;
}

function judgeRelease(running: readonly Process[]): Finding[] {
  const keeps = (words: readonly string[]): boolean =>
    words.some(word => word === '--dont-release-ipvs' || /^-[A-Za-z]*I[A-Za-z]*$/.test(word));
  if (running.some(({ words }) => keeps(words))) return [];
  const what = 'it runs without --dont-release-ipvs (-I)';
  const help =
    'lvsctl configure renders its unit with it; systemctl daemon-reload, and at a quiet time a restart';
  return [{ code: 'restart-resets', subject: 'keepalived', what, help }];
}

export function judgeAlert(
  path: string,
  isThere: boolean,
  isExecutable: boolean,
  fileWords: readonly string[],
): Finding[] {
  if (isThere && isExecutable) return [];
  if (!isThere)
    return [
      {
        code: 'alert-missing',
        subject: path,
        what: 'it is missing',
        mend: [command('lvsctl', 'configure', ...fileWords)],
      },
    ];
  const mend = [command('chmod', '755', path)];
  return [{ code: 'alert-missing', subject: path, what: 'it may not be executed', mend }];
}
