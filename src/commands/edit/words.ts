import { canonicalAddress } from '../../cluster/address.js';
import type { Cluster } from '../../cluster/cluster.js';
import { isName } from '../../cluster/naming.js';
import { PROTOCOLS, type VirtualAddress } from '../../cluster/service.js';
import type { PortNames } from '../../config/build/context.js';
import type { NewServer } from '../../config/edit/wish.js';
import { didYouMean, list, quote } from '../../diagnostic/quote.js';
import { EXIT, Failure } from '../exit.js';

/** `10.0.0.2`, `10.0.0.2:80`, `[2001:db8::2]:http`, `web1:80`; without brackets IPv6 has no port. */
const ENDPOINT = /^(?:\[([^\]]*)\]|([^:[\]]*))(?::([A-Za-z0-9_.+-]{1,63}))?$/;

/** ADDRESS[:PORT] of a server to be: an address, or a name of `hosts`. @throws Failure */
export function newServer(text: string, { hosts }: Pick<Cluster, 'hosts'>, weight?: number): NewServer {
  const [, six, other, port] = ENDPOINT.exec(text) ?? [];
  const name = six ?? other ?? text;
  const address = canonicalAddress(name);
  if (address === undefined && !hosts.some(one => one.name === name)) {
    const similar =
      didYouMean(
        name,
        hosts.map(one => one.name),
      ) ?? '';
    const what = isName(name) ? `is neither an address nor a name of hosts` : 'is no address';
    const help =
      similar === '' ? 'write ADDRESS or ADDRESS:PORT, such as 192.0.2.7:80' : `did you mean ${similar}?`;
    throw new Failure(EXIT.usage, `${quote(text)} ${what}`, help);
  }
  return {
    name: address ?? name,
    ...(port === undefined ? {} : { port: portOf(port, text) }),
    ...(weight === undefined ? {} : { weight }),
  };
}

/** ADDRESS:PORT[/PROTOCOL] of a service to be. @throws Failure */
export function newVirtual(text: string, ports: PortNames): VirtualAddress {
  const [end, given, ...more] = text.split('/');
  const protocol = PROTOCOLS.find(one => one === (given ?? 'tcp'));
  const [, six, four, portText] = ENDPOINT.exec(end!) ?? [];
  const address = canonicalAddress(six ?? four ?? '');
  if (!protocol || more.length > 0 || address === undefined || portText === undefined) {
    const form = `ADDRESS:PORT or ADDRESS:PORT/PROTOCOL (${list(PROTOCOLS)})`;
    throw new Failure(EXIT.usage, `${quote(text)} is no VIP with a port`, `write ${form}, IPv6 in brackets`);
  }
  const port = portOf(portText, text);
  const number = typeof port === 'number' ? port : ports.lookUp(port, protocol);
  if (number !== undefined) return { kind: 'address', address, port: number, protocol };
  throw new Failure(
    EXIT.usage,
    `/etc/services has no ${protocol} port called ${quote(port)}`,
    'write the number',
  );
}

/** `ADDRESS[:PORT][=WEIGHT]`. @throws Failure */
export function weightedServer(text: string, cluster: Pick<Cluster, 'hosts'>): NewServer {
  const at = text.lastIndexOf('=');
  if (at === -1) return newServer(text, cluster);
  return newServer(text.slice(0, at), cluster, weightOf(text.slice(at + 1)));
}

/** @throws Failure */
export function weightOf(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new Failure(EXIT.usage, `a weight is a whole number from 0 to 65535, not ${quote(text)}`);
}

function portOf(text: string, whole: string): number | string {
  if (!/^\d/.test(text)) return text;
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new Failure(
    EXIT.usage,
    `the port of ${quote(whole)} is not one from 0 to 65535, or a name of /etc/services`,
  );
}
