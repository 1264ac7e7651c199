import type { Files, Runner } from '../../system/ports.js';
import { type Cpu, firstLineOf, MILLION, numberOf } from './host.js';

/** Where an application says itself how busy it is. */
export type BusySource = { readonly file: string } | { readonly command: string };

/** Milliseconds: an answer has to be there in two seconds. */
const PATIENCE = 1000;
/** Bytes that are looked at. */
const LONGEST = 4096;
/** The first number that not every reader of an answer counts exactly. */
const MODULUS = 1n << 53n;
const MOST_WORKERS = 65_536n;

/**
 * What the application says: microseconds for which its workers were busy, since whenever, and how many of them can be
 * at once, 1 where it does not say. Undefined where it says something else, or nothing.
 */
export async function applicationCpu(
  source: BusySource,
  files: Files,
  runner: Runner,
): Promise<Cpu | undefined> {
  return busyOf('file' in source ? await written(source.file, files) : await said(source.command, runner));
}

async function written(path: string, files: Files): Promise<string> {
  try {
    const bytes = await files.read(path, LONGEST, AbortSignal.timeout(PATIENCE));
    return firstLineOf(Buffer.from(bytes).toString());
  } catch {
    return '';
  }
}

/**
 * The first line of a command, and how it ended, once it has ended: neither what it has left running nor how much it says
 * is waited for; dd, unlike head, passes on at once what it has. realserver/uptimesrv does the same.
 */
const ASK = `{
  { timeout -s KILL ${PATIENCE / 1000} sh -c "$1"; printf '\\nlvsctl: status %s\\n' "$?"; } </dev/null | dd bs=1 count=${LONGEST} &
} 2>/dev/null | sed -n '1p; /^lvsctl: status [0-9]*$/ { p; q; }'`;

async function said(command: string, runner: Runner): Promise<string> {
  const { stdout } = await runner.run('sh', ['-c', ASK, 'sh', command]);
  return stdout.endsWith('\nlvsctl: status 0\n') ? firstLineOf(stdout) : '';
}

function busyOf(line: string): Cpu | undefined {
  const words = line.split(/[ \t]+/).filter(word => word !== '');
  if (words.length < 1 || words.length > 2) return undefined;
  const [busy, workers] = [words[0]!, words[1] ?? '1'].map(exact);
  if (busy === undefined || workers === undefined) return undefined;
  return workers >= 1n && workers <= MOST_WORKERS ? { busy, cpus: workers * MILLION } : undefined;
}

function exact(word: string): bigint | undefined {
  const number = /^(0|[1-9]\d{0,15})$/.test(word) ? numberOf(word) : undefined;
  return number !== undefined && number < MODULUS ? number : undefined;
}

/** A counter, begun anew where it would no longer be read exactly. */
export function wrapped(counter: bigint): bigint {
  return counter % MODULUS;
}
