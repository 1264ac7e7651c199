import test from 'ava';
import { asFailure, EXIT, type Failure } from '../../src/commands/exit.js';
import { StateFailure } from '../../src/state/failure.js';
import { EXAMPLE, TestHost } from '../support/context.js';
import { failingAt, fileError } from '../support/fake-files.js';

/** For each code a command line that ends with it, after something was done to the host. `none`: no verb of today does. */
const WAYS: Record<keyof typeof EXIT, readonly [line: string, prepare?: (host: TestHost) => void] | 'none'> =
  {
    done: ['validate -f lvs.conf'],
    failed: [
      'configure -f lvs.conf --out files',
      host => host.put('/here/files/midas/etc/ipvsadm.rules', 'mine\n'),
    ],
    pending: ['configure -f lvs.conf --out files --check'],
    usage: ['validate --nonsense'],
    unavailable: 'none',
    bug: 'none',
    lockHeld: 'none',
    notPermitted: [
      'configure -f lvs.conf --out files',
      host => void (host.files = failingAt(host.files, 1, 'EACCES')),
    ],
    invalid: ['validate -f lvs.conf --strict'],
    interrupted: ['configure -f lvs.conf --out files', host => void (host.interrupted = () => true)],
  };

for (const [name, way] of Object.entries(WAYS)) {
  if (way === 'none') continue;
  const code = EXIT[name as keyof typeof EXIT];
  const [line, prepare] = way;
  test(`exit code ${code} means ${name}, as in: ${line}`, async t => {
    const host = new TestHost(t);
    host.put('/here/lvs.conf', EXAMPLE);
    prepare?.(host);
    const { exitCode, err } = await host.run(...line.split(' '));
    t.is(exitCode, code, err);
  });
}

test('the help names every exit code', async t => {
  const { out } = await new TestHost(t).run('--help');
  for (const code of Object.values(EXIT)) t.regex(out, new RegExp(`\\b${code} [a-z]`));
});

test('kept state that cannot be used has its exit codes', t => {
  const codes = (['damaged', 'newer', 'absent', 'locked', 'no-flock'] as const).map(
    problem => (asFailure(new StateFailure(problem, 'why', 'what to do')) as Failure).exitCode,
  );
  t.deepEqual(codes, [1, 1, 1, 75, 69]);
  const refused = (code: string): Failure =>
    asFailure(new StateFailure('file', '/var/lib/lvsctl/x', undefined, fileError(code))) as Failure;
  t.is(refused('ENOSPC').message, '/var/lib/lvsctl/x: no space left on the device');
  t.deepEqual([refused('ENOSPC').exitCode, refused('EACCES').exitCode], [1, 77]);
});
