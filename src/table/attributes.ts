import { addressBits, familyOf } from '../cluster/address.js';
import type { TableServer, TableService, TableTunnel, Timeouts } from './table.js';

/** What there is to say of something, as words for people: `weight` → `3`. What is usual is left out. */
export type Attributes = ReadonlyMap<string, string>;

export interface AttributeChange {
  readonly name: string;
  /** Absent: it was as usual. */
  readonly before?: string;
  readonly after?: string;
}

export function serviceAttributes(service: TableService): Attributes {
  const { key, scheduler, flags, persistence, idleEngine, onePacket } = service;
  const bits = addressBits(key.kind === 'address' ? familyOf(key.address) : key.family);
  return said({
    scheduler,
    flags: flags.length > 0 ? flags.toSorted().join(',') : undefined,
    persistent: persistence && `${persistence.timeout / 1000}s`,
    netmask: persistence && persistence.netmask !== bits ? String(persistence.netmask) : undefined,
    engine: persistence?.engine ?? idleEngine,
    'one-packet': onePacket ? 'yes' : undefined,
  });
}

export function serverAttributes({ forwarding, tunnel, weight, upper, lower }: TableServer): Attributes {
  return said({
    forwarding: tunnel ? `tunnel ${tunnelText(tunnel)}` : forwarding,
    weight: String(weight),
    upper: upper > 0 ? String(upper) : undefined,
    lower: lower > 0 ? String(lower) : undefined,
  });
}

export function timeoutAttributes({ tcp, tcpFin, udp }: Timeouts): Attributes {
  return said({ tcp: `${tcp}s`, 'tcp-fin': `${tcpFin}s`, udp: `${udp}s` });
}

/** What differs, in the order of the attributes. */
export function attributeChanges(before: Attributes, after: Attributes): AttributeChange[] {
  return [...new Set([...before.keys(), ...after.keys()])].flatMap(name => {
    const [old, now] = [before.get(name), after.get(name)];
    if (old === now) return [];
    return [
      { name, ...(old === undefined ? {} : { before: old }), ...(now === undefined ? {} : { after: now }) },
    ];
  });
}

/** `ipip`, `gre`, `gue:6080`, with `+checksum` or `+remote-checksum`. */
function tunnelText({ type, port, checksum }: TableTunnel): string {
  const sum = checksum === 'remote' ? '+remote-checksum' : checksum ? '+checksum' : '';
  return `${type}${port === undefined ? '' : `:${port}`}${sum}`;
}

function said(all: Readonly<Record<string, string | undefined>>): Attributes {
  return new Map(Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined));
}
