import { createHash } from 'node:crypto';
import type { Files } from '../system/ports.js';

const STATUS = '/var/lib/dpkg/status';

/**
 * Whether a configuration file is still as its Debian package shipped it, by the md5 that dpkg keeps
 * (deb-conffiles(5), the Conffiles field of /var/lib/dpkg/status). False where there is no dpkg.
 */
export async function conffileTest(files: Files): Promise<(path: string, content: Uint8Array) => boolean> {
  if (!(await files.look(STATUS))) return () => false;
  const shipped = new Map<string, string>();
  const text = new TextDecoder().decode(await files.read(STATUS));
  // Lines such as ` /etc/mon/mon.cf 0123456789abcdef0123456789abcdef`, with `obsolete` behind some.
  for (const [, path, md5] of text.matchAll(/^ (\/\S+) ([0-9a-f]{32})\b/gm)) shipped.set(path!, md5!);
  return (path, content) => shipped.get(path) === createHash('md5').update(content).digest('hex');
}
