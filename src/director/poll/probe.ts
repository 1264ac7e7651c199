import { isTimed } from '../../cluster/law.js';
import { entrances } from '../../cluster/naming.js';
import type { Server, Service } from '../../cluster/service.js';
import type { Endpoint } from '../../system/ports.js';

/** How the time to a server's answer is taken. */
export type Probe = { readonly endpoint: Endpoint; readonly name: string } & (
  | { readonly way: 'connection' }
  | { readonly way: 'question'; readonly question: Uint8Array }
);

/** @returns undefined where it cannot be taken */
export function probeOf(service: Service, server: Server): Probe | undefined {
  const { check } = service;
  const entrance = entrances(service)[0]!;
  const port = server.port || entrance.port || check.port;
  if (!port || !isTimed(service)) return undefined;
  const endpoint = { address: server.address, port };
  const place = `${server.address} ${port}`;
  if (entrance.protocol === 'tcp') return { way: 'connection', endpoint, name: place };
  if (check.host === undefined) return undefined;
  return {
    way: 'question',
    endpoint,
    name: `${place} ${check.host}`,
    question: dnsQuestion(check.host),
  };
}

/** Asks for the IPv4 address of a name: RFC 1035, section 4.1. */
function dnsQuestion(name: string): Uint8Array {
  const labels = name.split('.').filter(label => label !== '');
  const header = [0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
  const words = labels.flatMap(label => [label.length, ...new TextEncoder().encode(label)]);
  return Uint8Array.from([...header, ...words, 0, 0, 1, 0, 1]);
}

/** An error comes fast, too: it is no answer. */
export function isDnsAnswer(question: Uint8Array, said: Uint8Array): boolean {
  const [high, low, flags = 0, code = 15] = said;
  return (
    said.length >= 12 &&
    high === question[0] &&
    low === question[1] &&
    (flags & 0x80) !== 0 &&
    (code & 15) === 0
  );
}
