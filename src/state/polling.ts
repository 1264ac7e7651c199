import { type Place, place } from '../table/overlay.js';
import type { Files } from '../system/ports.js';
import { damaged, readIfThere, readRenewable, type Renewable, writeKept } from './documents.js';
import { StateFailure } from './failure.js';
import { POLLING } from './paths.js';
import { hostName, PLACE, revision, time, weight } from './values.js';

/** The weights of the last poll, which is their only home. */
export interface Measured {
  readonly weights: readonly (Place & { readonly weight: number })[];
  /** Of two polls' weights those with the higher revision are the later. */
  readonly revision: number;
  readonly host: string;
  /** ISO 8601. */
  readonly at: string;
  /** The file is gone or damaged: this is what the poller keeps beside it. */
  readonly isSpare?: true;
}

/** `SERVICE SERVER WEIGHT`, one server a line, in the poller's order, below two lines of comment. */
const HEAD = /^# lvsctl weights (\d{1,9}), revision (\d{1,16}) by (\S+) at (\S+)$/;
const EXPLAINED = '# SERVICE SERVER WEIGHT. The next poll writes this file anew.';
const FORMAT = 1;

/** undefined where nothing was measured; or where the file cannot be used. @throws StateFailure */
export async function readMeasured(files: Files): Promise<Renewable<Measured | undefined>> {
  const read = async (): Promise<Measured | undefined> => {
    const bytes = await readIfThere(files, POLLING);
    return bytes && parseMeasured(new TextDecoder().decode(bytes));
  };
  return await readRenewable(POLLING, read, undefined);
}

/** @throws StateFailure */
export async function writeMeasured(files: Files, measured: Measured): Promise<void> {
  await writeKept(files, POLLING, formatMeasured(measured));
}

export function formatMeasured({ weights, revision, host, at }: Measured): string {
  const head = `# lvsctl weights ${FORMAT}, revision ${revision} by ${host} at ${at}`;
  return [head, EXPLAINED, ...weights.map(one => `${place(one)} ${one.weight}`), ''].join('\n');
}

/** @throws StateFailure */
export function parseMeasured(content: string): Measured {
  const [head = '', ...lines] = content.split(/\r?\n/);
  const [, format, number, host, at] = HEAD.exec(head) ?? [];
  if (Number(format) > FORMAT) {
    throw new StateFailure('newer', `${POLLING} was written by a newer lvsctl`);
  }
  const said = { revision: Number(number), host, at };
  const sound = revision.safeParse(said.revision).success && hostName.safeParse(host).success;
  if (!sound || Number(format) !== FORMAT || !time.safeParse(at).success) {
    throw damaged(POLLING, 'line 1 is not its head');
  }
  if (lines.pop() !== '') throw damaged(POLLING, 'its last line has no end');
  const seen = new Set<string>();
  const weights = lines.flatMap((line, index) => {
    if (line.startsWith('#') || line.trim() === '') return [];
    // People edit it, too, on whatever system.
    const [service = '', server = '', value = '', ...more] = line.trim().split(/\s+/);
    const known = PLACE.service.safeParse(service).success && PLACE.server.safeParse(server).success;
    const measured = /^(?:0|[1-9]\d{0,4})$/.test(value) ? Number(value) : undefined;
    if (!known || !weight.safeParse(measured).success || more.length > 0) {
      throw damaged(POLLING, `line ${index + 2} is not SERVICE SERVER WEIGHT`);
    }
    const one = { service, server, weight: measured! };
    if (seen.has(place(one))) throw damaged(POLLING, `line ${index + 2}: the server is there twice`);
    seen.add(place(one));
    return [one];
  });
  return { weights, revision: said.revision, host: host!, at: at! };
}
