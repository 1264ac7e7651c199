import type { ExecutionContext } from 'ava';
import { momentNow } from '../../src/state/moment.js';
import { type Operator, readOperator, type Stamp, writeOperator } from '../../src/state/operator.js';
import { KernelHost } from './kernel-host.js';

export const NOON = Date.parse('2026-11-21T12:00:00Z');
export const WEB = '192.0.2.100:80/tcp';
export const DESCRIPTION = `version: 1
hosts:
  web1: { address: 192.0.2.11 }
services:
  - name: web
    address: 192.0.2.100
    port: 80
    scheduler: wrr
    persistence: 5m
    servers: [ { host: web1, weight: 100 }, 192.0.2.12, 192.0.2.13, 192.0.2.14, 192.0.2.15 ]
  - { fwmark: 7, match: [ { address: 192.0.2.101, port: 81 } ], forwarding: nat, servers: [ { address: 192.0.2.12, port: 8080 } ] }
`;

export async function director(t: ExecutionContext, description = DESCRIPTION): Promise<KernelHost> {
  const host = new KernelHost(t);
  host.put('/etc/lvsctl/lvs.yaml', description);
  host.time = NOON;
  const { exitCode, err } = await host.run('apply', '--reason', 'first');
  t.is(exitCode, 0, err);
  return host;
}

export type Place = { service: string; server: string };

export function web(last: number): Place {
  return { service: WEB, server: `192.0.2.${last}:80` };
}

export async function stampOf(host: KernelHost): Promise<Stamp> {
  const clock = {
    now: () => new Date(host.time),
    elapsed: () => host.time,
    sleep: () => Promise.resolve(),
  };
  return { host: 'midas', now: await momentNow(host.files, clock) };
}

export async function say(
  host: KernelHost,
  words: (before: Operator, stamp: Stamp) => Operator,
): Promise<void> {
  await writeOperator(host.files, words(await readOperator(host.files), await stampOf(host)));
}
