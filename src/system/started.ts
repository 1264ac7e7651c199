import { basename } from 'node:path';

/** ld-linux-x86-64.so.2, ld-musl-x86_64.so.1, ld64.so.2. */
const LOADER = /^ld[\w.-]*\.so(\.\d+)?$/;

/**
 * The words that start this program anew, but for its arguments.
 *
 * A Node that a loader was told to run, as in the lab, takes that loader for itself: then the words in between, the
 * loader's own and Node, stand only in what the kernel was given.
 *
 * @param node the program that the kernel runs, an absolute path
 * @param script the absolute path of the program's file
 * @param words all words that the process was started with
 */
export function startedBy(node: string, script: string, words: () => readonly string[]): string[] {
  if (!LOADER.test(basename(node))) return [node, script];
  const all = words();
  const end = all.indexOf(script);
  return [node, ...all.slice(1, Math.max(end, 1)), script];
}
