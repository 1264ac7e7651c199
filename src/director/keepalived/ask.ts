import type { Ports } from '../../system/ports.js';
import { type Daemon, findKeepalived, isChecking, watchOf } from './daemon.js';
import { type Judgements, parseJudgements, TELLING } from './judgement.js';

/**
 * What can be known of keepalived.
 *
 * `absent`: none runs here, or it checks nothing. `starting`: it runs without its checker. `blind`: it has not found the
 * folder of the track files when it read its configuration, and follows none of them until it reads that again; nor may
 * it be asked anything. `silent`: it was asked, and has not answered.
 */
export type Keepalived =
  | { readonly state: 'absent' }
  | ({ readonly state: 'starting' | 'silent' } & Daemon)
  | ({ readonly state: 'blind'; readonly judgements?: Judgements } & Daemon)
  | ({ readonly state: 'answers'; readonly judgements: Judgements } & Daemon);

/** A tenth of a second, so many times: as long as it may be busy with 10,000 servers. */
const PATIENCE = 100;

/**
 * Has the checker, `$1`, write down what it thinks, and prints the lines that say it.
 *
 * It writes to a folder that everybody may write to: what is not its own user's is not read. It gives the file its name
 * first and writes then: the file is whole once it has closed it.
 *
 * A checker that had no folder to watch when it read its configuration still lists the track files that it has
 * forgotten, and crashes on the way through that list (2.2.7, dump_file_check): it must not be asked.
 */
const ASK = `checker=$1 pattern=$2 patience=$3
folder=$(tr '\\0' '\\n' <"/proc/$checker/environ" | sed -n 's/^TMPDIR=\\(\\/.*\\)/\\1/p')
file=/proc/$checker/root\${folder:-/tmp}/keepalived_check.data
rm -f "$file"
[ ! -e "$file" ] && kill -s USR1 "$checker" || exit 1
until [ -f "$file" ] && ! ls -l "/proc/$checker/fd" | grep -q 'keepalived_check\\.data'; do
  [ "$patience" -gt 0 ] && [ -d "/proc/$checker" ] || exit 1
  patience=$((patience - 1))
  sleep 0.1
done
exec <"$file" && [ -O /proc/self/fd/0 ] || exit 1
rm -f "$file"
grep -E "$pattern" || [ $? = 1 ]
`;

/** Asks keepalived which servers are alive. It keeps a line of it in its log. */
export async function askKeepalived({ files, runner }: Pick<Ports, 'files' | 'runner'>): Promise<Keepalived> {
  const daemon = await findKeepalived(files);
  if (!daemon) return { state: 'absent' };
  if (daemon.checker === undefined)
    return (await isChecking(files)) ? { state: 'starting', ...daemon } : { state: 'absent' };
  const watch = await watchOf(files, daemon.checker);
  if (watch === 'never') return { state: 'blind', ...daemon };
  const words = [String(daemon.checker), TELLING, String(PATIENCE)];
  const { exitCode, stdout } = await runner.run('sh', ['-c', ASK, 'sh', ...words]);
  const judgements = exitCode === 0 ? parseJudgements(stdout) : undefined;
  if (!judgements) return { state: 'silent', ...daemon };
  return { state: watch === 'lost' ? 'blind' : 'answers', judgements, ...daemon };
}
