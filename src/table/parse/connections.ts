import { splitEndpoint, UnknownOutput, wordedLines } from './output.js';

interface Endpoint {
  readonly address: string;
  readonly port: number;
}

/** A connection, or the memory of a persistent client (protocol `ip`, port 0 of the client). */
export interface Connection {
  readonly protocol: 'tcp' | 'udp' | 'sctp' | 'ip';
  /** Seconds until it is forgotten, if nothing more comes. */
  readonly expires: number;
  /** The kernel's word: ESTABLISHED, FIN_WAIT, UDP, NONE, … */
  readonly state: string;
  readonly client: Endpoint;
  /** The VIP; under a mark a persistent client's has the mark in the place of the address. */
  readonly virtual: Endpoint;
  readonly server: Endpoint;
}

const PROTOCOLS = { TCP: 'tcp', UDP: 'udp', SCTP: 'sctp', IP: 'ip' } as const;

/** `ipvsadm -Lcn`: protocol, MM:SS, state, client, VIP, server. @throws UnknownOutput */
export function parseConnections(text: string): Connection[] {
  return [...wordedLines(text)].flatMap(({ number, line, words }) => {
    if (line.startsWith('IPVS connection entries') || line.startsWith('pro expire')) return [];
    const [name = '', time = '', state = '', ...ends] = words;
    const [, minutes, seconds] = /^(\d{2,}):(\d\d)$/.exec(time) ?? [];
    const [client, virtual, server] = ends.map(splitEndpoint);
    const known = Object.hasOwn(PROTOCOLS, name) && minutes !== undefined && ends.length === 3;
    if (!known || !client || !virtual || !server) throw new UnknownOutput('ipvsadm -Lcn', number, line);
    const protocol = PROTOCOLS[name as keyof typeof PROTOCOLS];
    const expires = Number(minutes) * 60 + Number(seconds);
    return [{ protocol, expires, state, client, virtual, server }];
  });
}
