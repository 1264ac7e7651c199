import { canonicalAddress, familyOf } from '../../cluster/address.js';
import type { Protocol } from '../../cluster/service.js';
import { harmless } from '../../diagnostic/quote.js';
import type { Runner } from '../../system/ports.js';
import { NotKnown, output } from '../ask.js';

/** What a program of this host waits for. */
export interface Socket {
  readonly protocol: Protocol;
  /** Canonical; `any4`, `any6`, or `any` for both families. */
  readonly address: string;
  /** The interface that it is bound to. */
  readonly device: string | undefined;
  readonly port: number;
  /** Its program; undefined where only root may know. */
  readonly program: string | undefined;
}

/** @throws NotKnown, KernelFailure */
export async function listSockets(runner: Runner, withSctp: boolean): Promise<Socket[]> {
  const flags = withSctp ? '-HltuSnp' : '-Hltunp';
  return socketsOf(await output(runner, 'ss', flags));
}

/** ss(8) `-Hltunp`: protocol, state, two queues, the own address, the peer's, and who it is. */
export function socketsOf(text: string): Socket[] {
  return text
    .split('\n')
    .filter(line => line.trim() !== '')
    .flatMap(line => {
      const [kind = '', , , , local = '', , ...rest] = line.trim().split(/\s+/);
      if (kind !== 'tcp' && kind !== 'udp' && kind !== 'sctp') return [];
      const [, host, device, port] = /^(\[[^\]]*\]|\*|[^[\]%:]+)(?:%([^:]+))?:(\d+)$/.exec(local) ?? [];
      if (host === undefined)
        throw new NotKnown(`ss -Hltunp: not understood: ${harmless(local.slice(0, 60))}`);
      const address = addressOf(host.replace(/^\[|\]$/g, ''));
      if (address === undefined) return [];
      const [, program] = /^users:\(\("([^"]*)"/.exec(rest.join(' ')) ?? [];
      return [
        {
          protocol: kind,
          address,
          device: device === undefined ? undefined : harmless(device),
          port: Number(port),
          program: program === undefined ? undefined : harmless(program),
        },
      ];
    });
}

/** ss prints `*` where both families are meant. Undefined for what no neighbour can reach (link-local with its zone). */
function addressOf(text: string): string | undefined {
  if (text === '*') return 'any';
  if (text === '0.0.0.0') return 'any4';
  if (text === '::') return 'any6';
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(text)?.[1];
  return canonicalAddress(mapped ?? text.replace(/%.*/, ''));
}

/** Whether it is bound to all addresses of this one's family. */
export function isWildFor(socket: Socket, address: string): boolean {
  return socket.address === 'any' || socket.address === (familyOf(address) === 'ipv4' ? 'any4' : 'any6');
}

/** Whether what arrives for the address comes to it. */
export function isReached(socket: Socket, address: string): boolean {
  return socket.address === address || isWildFor(socket, address);
}
