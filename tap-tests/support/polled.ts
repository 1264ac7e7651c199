import type { ExecutionContext } from 'ava';
import { KernelHost } from './kernel-host.js';

export const POLLED = `version: 1
polling: { schedule: '*/5 * * * * *', timeout: 2s }
hosts:
  web1: { address: 192.0.2.11, cpus: 1 }
  web2: { address: 192.0.2.12, agent: none }
services:
  - { name: web, address: 192.0.2.100, port: 80, scheduler: wrr, servers: [ { host: web1, weight: 10 }, { host: web2, weight: 10 }, { address: 192.0.2.13, weight: 10 } ] }
  - { name: mail, address: 192.0.2.100, port: 25, scheduler: rr, servers: [ web1 ] }
  - { name: still, address: 192.0.2.100, port: 81, scheduler: wlc, law: static, servers: [ web1 ] }
  - { name: hashed, address: 192.0.2.100, port: 82, scheduler: sh, servers: [ web1 ] }
`;

/** What uptime(1) says on a host with this load. */
export function load(value: string): string {
  return ` 14:02:11 up 1 day, load average: ${value}, 1.10, 0.97\n`;
}

/** A director whose servers' agents say these texts, by address; the others refuse. They may be changed. */
export async function polled(
  t: ExecutionContext,
  said: Record<string, string>,
  description = POLLED,
): Promise<KernelHost> {
  const host = new KernelHost(t);
  host.time = Date.parse('2026-11-21T12:00:00Z');
  host.network = {
    hear: ({ address }) =>
      Promise.resolve(said[address] === undefined ? { silent: 'ECONNREFUSED' } : { text: said[address] }),
    connect: () => Promise.resolve(undefined),
    ask: () => Promise.resolve(undefined),
  };
  await host.applied(t, description);
  return host;
}

/** Polls at the moment, in a time that stands still. */
export async function pollOnce(t: ExecutionContext, host: KernelHost): Promise<string> {
  const { time } = host;
  const { exitCode, out, err } = await host.run('poll');
  t.is(exitCode, 0, err);
  host.time = time;
  return out;
}
