import type { Server, Service } from '../../cluster/service.js';

/**
 * A text as the regular expression that matches just it, fit to stand within double quotes in keepalived.conf.
 *
 * Two readers are behind each other: keepalived's own escapes (lib/parser.c: a backslash takes the next character),
 * then PCRE, for which a backslash before anything but a letter or a digit makes it literal. A double quote, a dollar
 * and a backslash may not stand there at all, since other parts of the parser, which know no escapes, look for them.
 */
export function literalPattern(text: string): string {
  return text.replace(/[\x21-\x2c./\x3a-\x40[-^`{-~]/g, character =>
    /["$\\]/.test(character) ? `\\\\x${character.charCodeAt(0).toString(16)}` : `\\\\${character}`,
  );
}

/** The words of a check's command for one server, in one string that keepalived splits again at the blanks. */
export function commandLine(words: readonly string[], service: Service, server: Server, port: number): string {
  const values: Readonly<Record<string, string>> = {
    '{address}': server.address,
    '{port}': String(port),
    '{service}': service.name,
  };
  return words.map(word => word.replace(/\{(address|port|service)\}/g, found => values[found]!)).join(' ');
}
