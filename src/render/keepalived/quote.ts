import type { Server, Service } from '../../cluster/service.js';

/**
 * A text as the regular expression that matches just it, fit to stand within double quotes in keepalived.conf.
 *
 * Two readers come one after the other: keepalived, for which a backslash takes the next character (lib/parser.c), then
 * PCRE. A double quote, a dollar and a backslash may not stand there at all, not even escaped: other parts of
 * keepalived's parser, which know no escapes, look for them.
 */
export function literalPattern(text: string): string {
  return text
    .replace(/["$\\]/g, character => `\\x${character.charCodeAt(0).toString(16)}`)
    .replace(/[.^|()[\]{}?*+]|\\/g, character => (character === '\\' ? '\\\\' : `\\\\${character}`));
}

/** The words of a check's command for one server, in one string that keepalived splits again at the blanks. */
export function commandLine(
  words: readonly string[],
  service: Service,
  server: Server,
  port: number,
): string {
  const values: Readonly<Record<string, string>> = {
    '{address}': server.address,
    '{port}': String(port),
    '{service}': service.name,
  };
  return words.map(word => word.replace(/\{(address|port|service)\}/g, found => values[found]!)).join(' ');
}
