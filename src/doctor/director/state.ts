import { command } from '../../director/host/act.js';
import { StateFailure } from '../../state/failure.js';
import { readIntent } from '../../state/intent.js';
import { STATE_FOLDER } from '../../state/paths.js';
import type { Runner } from '../../system/ports.js';
import { output } from '../ask.js';
import type { Check } from '../check.js';
import type { Finding } from '../finding.js';
import type { Patient } from '../patient.js';

export const state: Check = {
  name: 'state',
  about: 'what lvsctl keeps can be read and written, by root alone',
  async examine({ ports: { files, runner }, running }) {
    if (!(await files.look(STATE_FOLDER))) return undefined;
    return [
      ...(await judgeKept(running)),
      ...(await unfinished(files)),
      ...judgeFolder(await output(runner, 'stat', '-c', '%a %u', STATE_FOLDER)),
      ...(await judgeRoom(runner)),
    ];
  },
};

/** What is damaged, whether it can be done without or not. */
async function judgeKept(running: Patient['running']): Promise<Finding[]> {
  try {
    const { warnings } = await running();
    return warnings.map(what => ({ code: 'state-damaged', subject: 'kept state', what }));
  } catch (error) {
    if (!(error instanceof StateFailure) || error.problem === 'file') throw error;
    const help = error.help ?? 'lvsctl log --rebuild puts drains and dead servers back from the journal';
    return [{ code: 'state-unusable', subject: 'kept state', what: error.message, help }];
  }
}

async function unfinished(files: Patient['ports']['files']): Promise<Finding[]> {
  const intent = await readIntent(files).catch((error: unknown) => {
    // `judgeKept` or the verbs say what is damaged.
    if (error instanceof StateFailure) return undefined;
    throw error;
  });
  if (!intent) return [];
  const what = `lvsctl ${intent.by} has begun at ${intent.begun.at}, and is under way or was ended in its middle`;
  const help = 'if none runs any more, the next verb that changes something ends it';
  return [{ code: 'change-unfinished', subject: 'kept state', what, help }];
}

/** @param said octal mode and owner's number, as stat(1) has them */
export function judgeFolder(said: string): Finding[] {
  const [mode = '', owner = ''] = said.trim().split(' ');
  const writable = (Number.parseInt(mode, 8) & 0o022) !== 0;
  if (!writable && owner === '0') return [];
  const what = `${STATE_FOLDER} has the mode ${mode} and the owner ${owner}: others than root may write there`;
  const mend = [
    ...(owner === '0' ? [] : [command('chown', 'root:', STATE_FOLDER)]),
    ...(writable ? [command('chmod', 'go-w', STATE_FOLDER)] : []),
  ];
  return [{ code: 'state-open', subject: STATE_FOLDER, what, mend }];
}

/** What an apply of the largest cluster needs is a few MiB. */
const LEAST_KIB = 16 * 1024;

async function judgeRoom(runner: Runner): Promise<Finding[]> {
  const blocks = await output(runner, 'df', '-P', '-k', STATE_FOLDER);
  const inodes = await output(runner, 'df', '-P', '-i', STATE_FOLDER);
  const { exitCode } = await runner.run('test', ['-w', STATE_FOLDER]);
  const isRoot = (await output(runner, 'id', '-u')).trim() === '0';
  return judgeDisk({ blocks, inodes, isWritable: exitCode === 0 || !isRoot });
}

export interface Disk {
  /** As df(1) `-P -k` and `-P -i` print them. */
  readonly blocks: string;
  readonly inodes: string;
  readonly isWritable: boolean;
}

export function judgeDisk({ blocks, inodes, isWritable }: Disk): Finding[] {
  const found: Finding[] = [];
  const add = (code: Finding['code'], what: string, help: string): void =>
    void found.push({ code, subject: STATE_FOLDER, what, help });
  const free = freeOf(blocks);
  if (free !== undefined && free < LEAST_KIB)
    add('disk-full', `its file system has ${free} KiB left`, `df -h ${STATE_FOLDER}; make room there`);
  // Where a file system has no fixed number of inodes, df says 0 of 0.
  const left = freeOf(inodes);
  if (left !== undefined && left < 100 && totalOf(inodes) !== 0)
    add('disk-full', `its file system has ${left} inodes left`, `df -i ${STATE_FOLDER}; remove files there`);
  if (!isWritable)
    add(
      'disk-read-only',
      'its file system is read-only',
      'the kernel makes it so after errors: dmesg says why',
    );
  return found;
}

/** The fourth column of the second line: free. */
function freeOf(text: string): number | undefined {
  return columnOf(text, 3);
}

function totalOf(text: string): number | undefined {
  return columnOf(text, 1);
}

function columnOf(text: string, at: number): number | undefined {
  const word = text.trim().split('\n')[1]?.trim().split(/\s+/)[at];
  return word !== undefined && /^\d+$/.test(word) ? Number(word) : undefined;
}
