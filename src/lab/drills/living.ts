import type { Lab } from '../lab.js';
import type { watched } from '../outage.js';

/** A service, and where it is asked. */
export type Asked = ReturnType<typeof watched>[number];

/** Those that answer now. */
export async function answeringOf(lab: Lab, asked: readonly Asked[]): Promise<Asked[]> {
  const found: Asked[] = [];
  for (const one of asked) {
    const { address, port, protocol } = one.match;
    const answer = await lab.client.sh(lab.client.perl('ask', [protocol, address, port, 1]));
    if (answer !== '-') found.push(one);
  }
  return found;
}

/** Waits until every service that answered before answers again. */
export async function answering(lab: Lab, living: readonly Asked[]): Promise<void> {
  let silent = living;
  await lab.until(
    'all services answer',
    async () => {
      const now = await answeringOf(lab, silent);
      silent = silent.filter(one => !now.includes(one));
      return silent.length === 0;
    },
    60,
  );
}
