import test from 'ava';
import type { Finding } from '../../src/doctor/finding.js';
import { files } from '../../src/doctor/director/files.js';
import type { Files, Patient } from '../../src/doctor/patient.js';
import type { Change } from '../../src/install/change.js';

const ARTIFACT = { kind: 'file' } as unknown as Change['artifact'];

async function findings(
  changes: readonly Pick<Change, 'action' | 'path' | 'reason'>[],
): Promise<readonly Finding[]> {
  const all = changes.map(one => ({ ...one, artifact: ARTIFACT }) as Change);
  const patient = {
    rendered: () =>
      Promise.resolve({ changes: all, leftovers: ['/etc/cron.d/lvsctl-content'] } as unknown as Files),
    fileWords: ['-f', '/srv/a b.yaml'],
  } as unknown as Patient;
  return (await files.examine(patient)) ?? [];
}

const CONFIGURE = "lvsctl configure -f '/srv/a b.yaml'";

test('a command is named only for what it mends', async t => {
  const found = await findings([
    { action: 'unchanged', path: '/etc/a' },
    { action: 'create', path: '/etc/b' },
    { action: 'foreign', path: '/etc/c', reason: 'it was edited' },
    { action: 'blocked', path: '/etc/d', reason: 'it is a folder' },
  ]);
  t.deepEqual(
    found.map(({ code, mend }) => [code, mend?.map(({ line }) => line)]),
    [
      ['file-missing', [CONFIGURE]],
      ['file-foreign', undefined],
      ['file-foreign', undefined],
      ['file-leftover', undefined],
    ],
  );
  const [, edited, blocked] = found.map(({ help }) => help);
  t.is(
    edited,
    `${CONFIGURE} --diff --dry-run shows the difference and writes nothing; ${CONFIGURE} --force replaces it and keeps it beside, as NAME.lvsctl-old; without --force none of the files is written`,
  );
  t.is(blocked, `move by hand what is in the way, then ${CONFIGURE}: until then it writes none of the files`);
});
