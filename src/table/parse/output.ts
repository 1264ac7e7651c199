import { isIP } from 'node:net';
import { canonicalAddress } from '../../cluster/address.js';
import { quote } from '../../diagnostic/quote.js';
import type { TableKey } from '../table.js';

/** ipvsadm or the kernel printed something that this version does not know: better said than guessed. */
export class UnknownOutput extends Error {
  override readonly name = 'UnknownOutput';

  /** @param line counted from 1 */
  constructor(what: string, line: number, text: string) {
    super(`${what}, line ${line}, is not understood: ${quote(text)}`);
  }
}

/** An address in the one form that all tables have: canonical where a host can have it. */
export function tableAddress(text: string): string | undefined {
  const kind = isIP(text);
  if (kind === 0 || text.includes('%')) return undefined;
  return canonicalAddress(text) ?? text;
}

/** `10.0.0.1:80`, `[2001:db8::1]:80`, numeric. */
export function splitEndpoint(text: string): { address: string; port: number } | undefined {
  const [, six, four, digits] = /^(?:\[([0-9a-fA-F:.]+)\]|([0-9.]+)):(\d{1,5})$/.exec(text) ?? [];
  const address = tableAddress(six ?? four ?? '');
  const port = Number(digits);
  return address !== undefined && port <= 65_535 ? { address, port } : undefined;
}

/** A mark, which ipvsadm prints as a signed number. */
export function unsignedMark(text: string): number | undefined {
  if (!/^-?\d{1,10}$/.test(text)) return undefined;
  const mark = Number(text);
  if (mark === 0 || mark < -2_147_483_648 || mark > 4_294_967_295) return undefined;
  return mark < 0 ? mark + 2 ** 32 : mark;
}

const PROTOCOLS = { TCP: 'tcp', UDP: 'udp', SCTP: 'sctp' } as const;

/**
 * The service that a line of a listing is about: `TCP  10.0.0.1:80 …`, `FWM  7 …`, `FWM  7 IPv6 …`, and the words
 * behind it.
 */
export function listedService(
  words: readonly string[],
): { readonly key: TableKey; readonly rest: readonly string[] } | undefined {
  const [kind = '', name = ''] = words;
  if (kind === 'FWM') {
    const fwmark = unsignedMark(name);
    const six = words[2] === 'IPv6';
    if (fwmark === undefined) return undefined;
    return {
      key: { kind: 'fwmark', fwmark, family: six ? 'ipv6' : 'ipv4' },
      rest: words.slice(six ? 3 : 2),
    };
  }
  const protocol = Object.hasOwn(PROTOCOLS, kind) ? PROTOCOLS[kind as keyof typeof PROTOCOLS] : undefined;
  const place = splitEndpoint(name);
  if (!protocol || !place) return undefined;
  return { key: { kind: 'address', ...place, protocol }, rest: words.slice(2) };
}

/** The words of each line that has any, with its number. */
export function* wordedLines(text: string): Generator<{ number: number; line: string; words: string[] }> {
  let number = 0;
  for (const line of text.split('\n')) {
    number++;
    const words = line.trim().split(/\s+/);
    if (words[0] !== '') yield { number, line, words };
  }
}
