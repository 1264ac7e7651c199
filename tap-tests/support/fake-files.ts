import { dirname } from 'node:path/posix';
import type { Entry, Files, Lock } from '../../src/system/ports.js';

type Node =
  | { kind: 'file'; content: Uint8Array; mode: number }
  | { kind: 'link'; target: string }
  | { kind: 'folder' };

/** An error as Node's file system throws it. */
export function fileError(code: string, path = ''): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: ${path}`), { code, ...(path === '' ? {} : { path }) });
}

/** Files in memory, which refuse what the real ones refuse. */
export class FakeFiles implements Files {
  private readonly locked = new Set<string>();
  private readonly nodes = new Map<string, Node>([['/', { kind: 'folder' }]]);

  look(path: string): Promise<Entry | undefined> {
    const node = this.nodes.get(path);
    if (node?.kind !== 'file') return Promise.resolve(node && { ...node });
    return Promise.resolve({ kind: 'file', mode: node.mode, size: node.content.length });
  }

  async read(path: string, most?: number): Promise<Uint8Array> {
    const node = this.nodes.get(path);
    if (node?.kind === 'link') return this.read(node.target, most);
    if (node?.kind === 'folder') throw fileError('EISDIR', path);
    if (!node) throw fileError(this.isBelowFile(path) ? 'ENOTDIR' : 'ENOENT', path);
    return await Promise.resolve(node.content.slice(0, most));
  }

  readNow(path: string, most: number): Uint8Array {
    const node = this.nodes.get(path);
    if (node?.kind === 'link') return this.readNow(node.target, most);
    if (node?.kind !== 'file') throw fileError(node ? 'EISDIR' : 'ENOENT', path);
    return node.content.slice(0, most);
  }

  async *stream(path: string, from: number): AsyncGenerator<Uint8Array> {
    const whole = await this.read(path);
    // Small pieces, so that lines are cut.
    for (let at = from; at < whole.length; at += 4099) yield whole.subarray(at, at + 4099);
  }

  list(path: string): Promise<readonly string[]> {
    const prefix = path === '/' ? '/' : `${path}/`;
    const names = [...this.nodes.keys()].filter(key => key !== '/' && key.startsWith(prefix));
    return Promise.resolve(
      [...new Set(names.map(key => key.slice(prefix.length).split('/')[0]!))].toSorted(),
    );
  }

  async replace(path: string, content: string | Uint8Array, mode: number): Promise<void> {
    this.make(path);
    this.nodes.set(path, { kind: 'file', content: new Uint8Array(Buffer.from(content)), mode });
    return await Promise.resolve();
  }

  async link(path: string, target: string): Promise<void> {
    this.make(path);
    this.nodes.set(path, { kind: 'link', target });
    return await Promise.resolve();
  }

  async chmod(path: string, mode: number): Promise<void> {
    const node = this.nodes.get(path);
    if (node?.kind === 'link') return await this.chmod(node.target, mode);
    if (!node) throw fileError('ENOENT', path);
    if (node.kind === 'file') node.mode = mode;
  }

  async makeFolder(path: string, _mode: number): Promise<void> {
    const node = this.nodes.get(path);
    if (node && node.kind !== 'folder') throw fileError('EEXIST', path);
    this.make(`${path}/x`);
    return await Promise.resolve();
  }

  async append(path: string, lines: string, mode: number): Promise<void> {
    const node = this.nodes.get(path);
    if (node?.kind === 'link') return await this.append(node.target, lines, mode);
    const before = node?.kind === 'file' ? Buffer.from(node.content).toString() : '';
    const torn = before !== '' && !before.endsWith('\n');
    await this.replace(
      path,
      `${before}${torn ? '\n' : ''}${lines}`,
      node?.kind === 'file' ? node.mode : mode,
    );
  }

  async remove(path: string): Promise<void> {
    if (this.nodes.get(path)?.kind === 'folder') throw fileError('EISDIR', path);
    this.nodes.delete(path);
    return await Promise.resolve();
  }

  async rename(path: string, to: string): Promise<void> {
    const node = this.nodes.get(path);
    if (!node) throw fileError('ENOENT', path);
    if (node.kind === 'folder') throw new Error('the fake renames no folders');
    this.make(to);
    this.nodes.delete(path);
    this.nodes.set(to, node);
    return await Promise.resolve();
  }

  /** As `rm -r`, by somebody else. */
  removeTree(path: string): void {
    for (const key of this.nodes.keys())
      if (key === path || key.startsWith(`${path}/`)) this.nodes.delete(key);
  }

  /** As the kernel does when whoever has locked files ends. */
  unlock(): void {
    this.locked.clear();
  }

  /** Without waiting: in one process nobody could release it meanwhile. */
  async lock(path: string, note: string, _wait: number): Promise<Lock | undefined> {
    if (this.locked.has(path)) return undefined;
    if (this.nodes.get(dirname(path))?.kind !== 'folder') throw fileError('ENOENT', path);
    this.locked.add(path);
    await this.replace(path, note, 0o600);
    const release = async (): Promise<void> => {
      if (this.locked.delete(path)) await this.replace(path, '', 0o600);
    };
    return { descriptor: -1, release };
  }

  private isBelowFile(path: string): boolean {
    const parent = dirname(path);
    if (parent === path) return false;
    const node = this.nodes.get(parent);
    return node ? node.kind !== 'folder' : this.isBelowFile(parent);
  }

  /** The folders above a new file; a file among them, or a folder in its place, is in the way. */
  private make(path: string): void {
    if (this.nodes.get(path)?.kind === 'folder') throw fileError('EISDIR', path);
    for (let folder = dirname(path); folder !== '/'; folder = dirname(folder)) {
      const node = this.nodes.get(folder);
      if (node && node.kind !== 'folder')
        throw fileError(folder === dirname(path) ? 'EEXIST' : 'ENOTDIR', path);
    }
    for (let folder = dirname(path); folder !== '/'; folder = dirname(folder)) {
      this.nodes.set(folder, { kind: 'folder' });
    }
  }
}

/** The files, except that the n-th change of them (from 1) fails with this code. Counts what it is asked. */
export function failingAt(files: Files, n: number, code: string): Files & { readonly changes: number } {
  let changes = 0;
  const change = async (act: () => Promise<void>): Promise<void> => {
    if (++changes === n) throw fileError(code);
    await act();
  };
  return {
    get changes() {
      return changes;
    },
    look: path => files.look(path),
    read: (path, most) => files.read(path, most),
    readNow: (path, most) => files.readNow(path, most),
    stream: (path, from) => files.stream(path, from),
    list: path => files.list(path),
    replace: (path, content, mode) => change(() => files.replace(path, content, mode)),
    link: (path, target) => change(() => files.link(path, target)),
    chmod: (path, mode) => change(() => files.chmod(path, mode)),
    makeFolder: (path, mode) => change(() => files.makeFolder(path, mode)),
    append: (path, lines, mode) => change(() => files.append(path, lines, mode)),
    remove: path => change(() => files.remove(path)),
    rename: (path, to) => change(() => files.rename(path, to)),
    lock: (path, note, wait) => files.lock(path, note, wait),
  };
}

/** The files, except that those whose path matches cannot be read. */
export function unreadable(files: Files, path: RegExp, code = 'EACCES'): Files {
  return {
    ...files,
    read: (asked, most) =>
      path.test(asked) ? Promise.reject(fileError(code, asked)) : files.read(asked, most),
  };
}
