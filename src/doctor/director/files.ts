import { command } from '../../director/host/act.js';
import type { Change } from '../../install/change.js';
import type { Check } from '../check.js';
import type { Code } from '../codes.js';
import type { Finding } from '../finding.js';
import type { Files } from '../patient.js';

export const files: Check = {
  name: 'files',
  about: 'the files that lvsctl renders for this machine are as it would render them',
  async examine({ rendered, fileWords }) {
    const mend = command('lvsctl', 'configure', ...fileWords);
    return judgeFiles(await rendered(), mend.line).map(one =>
      HANDS.has(one.code) ? one : { ...one, mend: [mend] },
    );
  },
};

/** `lvsctl configure` does not remove the one, and writes nothing at all as long as the other is there. */
const HANDS: ReadonlySet<Code> = new Set(['file-leftover', 'file-foreign']);

/** @param configure how lvsctl is told to write them */
export function judgeFiles({ changes, leftovers }: Files, configure: string): Finding[] {
  const left = leftovers.map(
    (path): Finding => ({
      code: 'file-leftover',
      subject: path,
      what: 'lvsctl wrote it, and renders it no longer',
      help: 'remove it by hand, if nothing needs it',
    }),
  );
  // Files of others, and the key, are there on a machine that was never configured, too.
  const own = changes.filter(({ artifact: { kind } }) => kind !== 'block' && kind !== 'key');
  if (own.length > 0 && own.every(({ action }) => action === 'create')) {
    const what = `none of the ${own.length} files that lvsctl renders for this machine is there`;
    return [{ code: 'not-configured', subject: 'rendered files', what }, ...left];
  }
  const found = changes.flatMap(one => findingOf(one, configure) ?? []);
  return [
    ...together(found, 'file-missing', 'missing'),
    ...together(found, 'file-differs', 'not as lvsctl would render them now'),
    ...found.filter(({ code }) => code === 'file-foreign'),
    ...left,
  ];
}

/** So many are said one by one. */
const FEW = 3;

/** What is the same of many files is said once. */
function together(all: readonly Finding[], code: Code, are: string): Finding[] {
  const found = all.filter(one => one.code === code);
  if (found.length <= FEW) return found;
  const paths = found.map(({ subject }) => subject).join(', ');
  return [{ code, subject: 'rendered files', what: `${found.length} are ${are}: ${paths}` }];
}

function findingOf({ action, path, reason }: Change, configure: string): Finding | undefined {
  switch (action) {
    case 'unchanged':
      return undefined;
    case 'create':
      return { code: 'file-missing', subject: path, what: 'it is missing' };
    case 'mode':
      return { code: 'file-differs', subject: path, what: 'it has other permissions' };
    case 'update':
    case 'replace':
      return { code: 'file-differs', subject: path, what: 'it is not as lvsctl would render it now' };
    case 'foreign':
      return {
        code: 'file-foreign',
        subject: path,
        what: reason ?? 'it is not ours',
        help: `${configure} --diff --dry-run shows the difference and writes nothing; ${configure} --force replaces it and keeps it beside, as NAME.lvsctl-old; without --force none of the files is written`,
      };
    case 'blocked':
      return {
        code: 'file-foreign',
        subject: path,
        what: reason ?? 'something is in its way',
        help: `move by hand what is in the way, then ${configure}: until then it writes none of the files`,
      };
  }
}
