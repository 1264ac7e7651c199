import { join } from 'node:path';
import { installLine, installWords, missingPackages, parseNeeds } from '../../lab/programs.js';
import { quote } from '../../diagnostic/quote.js';
import type { Context } from '../context.js';
import { EXIT, Failure } from '../exit.js';

/** Empty: what works, which lab/boot.sh tries. */
const ACCELERATORS = ['', 'kvm', 'tcg'];

/**
 * Sees to it that the programs of the lab are there, by installing them where `install` says so.
 *
 * @throws Failure where they are not, or are to be run in a way that there is not
 */
export async function needPrograms(context: Context, install: boolean): Promise<void> {
  const { labAccelerator = '' } = context;
  if (!ACCELERATORS.includes(labAccelerator))
    throw new Failure(EXIT.usage, `LVSCTL_LAB_ACCEL is ${quote(labAccelerator)}, and may be kvm or tcg`);
  const { files, runner } = context.ports;
  const needs = parseNeeds(
    new TextDecoder().decode(await files.read(join(context.packageRoot, 'lab/needs'))),
  );
  const missing = (): Promise<string[]> => missingPackages(needs, context.searchPath, files);
  const packages = await missing();
  if (packages.length === 0) return;
  const line = installLine(packages);
  const what = `the lab needs the Debian ${packages.length === 1 ? 'package' : 'packages'} ${packages.join(', ')}`;
  if (!install)
    throw new Failure(EXIT.unavailable, what, `--install installs them, or this line:\n  ${line}`);
  const apt = await aptGet(context, line);
  const echo = (words: readonly string[]): void => context.err(`+ ${words.join(' ')}\n`);
  for (const words of [['update'], installWords(packages)]) {
    const [program = '', ...args] = [...apt, ...words];
    echo([program, ...args]);
    const toStandardError = ['-c', 'exec "$0" "$@" >&2 </dev/null', program, ...args];
    const { exitCode } = await runner.follow('sh', toStandardError, () => undefined, {
      signal: context.stop,
    });
    if (context.interrupted())
      throw new Failure(EXIT.interrupted, 'interrupted while packages were installed');
    // One broken source of many is no reason to stop: the install will tell.
    if (exitCode !== 0 && words[0] !== 'update') {
      throw new Failure(EXIT.unavailable, `${what}, and apt-get could not install them`, 'it said why above');
    }
  }
  const still = await missing();
  if (still.length > 0) {
    throw new Failure(EXIT.unavailable, `apt-get did not bring the programs of ${still.join(', ')}`);
  }
}

/** apt-get as root, without questions. */
async function aptGet({ ports: { runner } }: Context, line: string): Promise<string[]> {
  const isRoot = (await runner.run('id', ['-u'])).stdout.trim() === '0';
  const become = isRoot ? [] : ['sudo', '-n'];
  if (!isRoot && (await runner.run('sudo', ['-n', 'true'])).exitCode !== 0) {
    throw new Failure(
      EXIT.notPermitted,
      'installing packages takes root, and sudo wants a password',
      `run this yourself:\n  ${line}`,
    );
  }
  if ((await runner.run('apt-get', ['--version'])).exitCode !== 0) {
    throw new Failure(EXIT.unavailable, 'there is no apt-get: --install is for Debian and its children');
  }
  return [...become, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-o', 'DPkg::Lock::Timeout=300'];
}
