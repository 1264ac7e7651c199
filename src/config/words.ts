/**
 * The words of a command that no shell will read: a program by its absolute path, then arguments, separated by
 * blanks. Undefined for anything else, quotes and backslashes included: they would promise a shell.
 */
export function splitWords(text: string): string[] | undefined {
  if (text.length > 1000 || /[^\x20-\x7e]/.test(text) || /["'`\\$;|&<>]/.test(text)) return undefined;
  const words = text.split(' ').filter(word => word !== '');
  return words[0]?.startsWith('/') && !words[0].split('/').includes('..') ? words : undefined;
}
