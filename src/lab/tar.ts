/** What goes into a tar: paths are relative, without `./`. */
export type TarEntry =
  | {
      readonly kind: 'file';
      readonly path: string;
      readonly mode: number;
      readonly content: string | Uint8Array;
    }
  | { readonly kind: 'link'; readonly path: string; readonly target: string };

const BLOCK = 512;
const encoder = new TextEncoder();

/**
 * A tar in the ustar form (POSIX.1-1988, tar(5)), everything owned by root, with the folders above each entry.
 *
 * @param time of the last change of everything, seconds since 1970
 * @throws RangeError for a path of more than about 250 bytes or a link's target of more than 100
 */
export function tarOf(entries: readonly TarEntry[], time: number): Uint8Array {
  const blocks: Uint8Array[] = [];
  const folders = new Set<string>();
  for (const entry of entries) {
    for (const folder of foldersAbove(entry.path)) {
      if (folders.has(folder)) continue;
      folders.add(folder);
      blocks.push(header({ path: `${folder}/`, type: '5', mode: 0o755, size: 0, target: '', time }));
    }
    if (entry.kind === 'link') {
      const { path, target } = entry;
      blocks.push(header({ path, type: '2', mode: 0o777, size: 0, target, time }));
      continue;
    }
    const content = typeof entry.content === 'string' ? encoder.encode(entry.content) : entry.content;
    const { path, mode } = entry;
    blocks.push(header({ path, type: '0', mode, size: content.length, target: '', time }), content);
    blocks.push(new Uint8Array(-content.length & (BLOCK - 1)));
  }
  // Its end, and what makes the whole a multiple of tar's records.
  const length = blocks.reduce((sum, one) => sum + one.length, 0) + 2 * BLOCK;
  blocks.push(new Uint8Array(2 * BLOCK + ((20 * BLOCK - (length % (20 * BLOCK))) % (20 * BLOCK))));
  return Buffer.concat(blocks);
}

interface Header {
  readonly path: string;
  readonly type: '0' | '2' | '5';
  readonly mode: number;
  readonly size: number;
  readonly target: string;
  readonly time: number;
}

function header({ path, type, mode, size, target, time }: Header): Uint8Array {
  const block = new Uint8Array(BLOCK);
  const put = (offset: number, length: number, text: string): void => {
    const bytes = encoder.encode(text);
    if (bytes.length > length) throw new RangeError(`too long for a tar: ${text}`);
    block.set(bytes, offset);
  };
  const octal = (offset: number, length: number, value: number): void =>
    put(offset, length - 1, value.toString(8).padStart(length - 1, '0'));
  const [prefix, name] = split(path);
  put(0, 100, name);
  octal(100, 8, mode);
  octal(108, 8, 0);
  octal(116, 8, 0);
  octal(124, 12, size);
  octal(136, 12, Math.floor(time));
  put(148, 8, '        ');
  put(156, 1, type);
  put(157, 100, target);
  put(257, 8, 'ustar\u000000');
  put(265, 32, 'root');
  put(297, 32, 'root');
  put(345, 155, prefix);
  const sum = block.reduce((total, byte) => total + byte, 0);
  put(148, 8, `${sum.toString(8).padStart(6, '0')}\u0000 `);
  return block;
}

/** A long path is cut in two at a slash. */
function split(path: string): [prefix: string, name: string] {
  if (encoder.encode(path).length <= 100) return ['', path];
  const parts = path.split('/');
  for (let cut = 1; cut < parts.length; cut++) {
    const name = parts.slice(cut).join('/');
    if (name !== '' && encoder.encode(name).length <= 100) return [parts.slice(0, cut).join('/'), name];
  }
  throw new RangeError(`too long for a tar: ${path}`);
}

function foldersAbove(path: string): string[] {
  const parts = path.split('/');
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join('/'));
}
