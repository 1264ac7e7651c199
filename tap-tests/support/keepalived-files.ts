import { PLACES } from '../../src/render/places.js';
import type { FakeFiles } from './fake-files.js';

/** A process of keepalived, as /proc and /run have it. */
export async function putProcess(
  disk: FakeFiles,
  name: 'keepalived' | 'checkers',
  pid: number,
  keepsTable: boolean,
): Promise<void> {
  await disk.replace(`/run/${name}.pid`, `${pid}\n`, 0o644);
  await disk.replace(`/proc/${pid}/comm`, 'keepalived\n', 0o444);
  await disk.replace(
    `/proc/${pid}/cmdline`,
    `/usr/sbin/keepalived\0--dont-fork\0${keepsTable ? '--dont-release-ipvs\0' : ''}`,
    0o444,
  );
}

/** Base 0, as strtol; what is out of its range is not heeded. */
export async function offsetIn(disk: FakeFiles, name: string, before: number): Promise<number> {
  const path = `${PLACES.tracks}/${name}`;
  const bytes = await disk.read(path).catch(() => undefined);
  if (!bytes) return 0;
  const [, sign = '', digits = '0'] =
    /^\s*([+-]?)(0[xX][0-9a-fA-F]+|\d+)/.exec(new TextDecoder().decode(bytes)) ?? [];
  const isOctal = /^0[0-7]+$/.test(digits);
  const value = (isOctal ? Number.parseInt(digits, 8) : Number(digits)) * (sign === '-' ? -1 : 1);
  return Math.abs(value) > 2 ** 31 ? before : value;
}
