import type { ExecutionContext } from 'ava';
import type { Outcome } from './context.js';
import { KernelHost } from './kernel-host.js';

/** Three services: one with a fallback, one with weights that rise slowly, one whose dead servers stay at 0. */
export const CLUSTER = `version: 1
checker: mon
hosts:
  web1: { address: 192.0.2.11 }
  web2: { address: 192.0.2.12 }
services:
  - { name: web, address: 192.0.2.100, port: 80, scheduler: wrr, servers: [ { host: web1, weight: 3 }, web2 ] }
  - { name: shop, address: 192.0.2.101, port: 443, scheduler: wrr, slow_start: 90s, fallback: { address: 192.0.2.99 }, servers: [ { host: web1, weight: 10 }, web2 ] }
  - { name: dns, address: 192.0.2.100, port: 53, protocol: udp, scheduler: wrr, on_failure: quiesce, check: { type: ping }, servers: [ web1, web2 ] }
`;

/** A director with that cluster, or another; its clock is past the first minutes of the boot. */
export async function alerted(t: ExecutionContext, text = CLUSTER): Promise<KernelHost> {
  const host = new KernelHost(t);
  host.time = 1_000_000;
  await host.applied(t, text);
  host.batches.length = 0;
  return host;
}

type Caller = Pick<KernelHost, 'run' | 'monAlertType' | 'input' | 'time' | 'stepped'>;

/** Calls the verb as mon does, at the time that it is, or `ago` milliseconds late. */
export async function mon(
  host: Caller,
  kind: string | undefined,
  service: string,
  server: string,
  { ago = 0, input = `${server}\n` } = {},
): Promise<Outcome> {
  host.monAlertType = kind;
  host.input = input;
  const seconds = String(Math.floor((host.time + host.stepped - ago) / 1000));
  const flags = kind === 'up' ? ['-u'] : [];
  const hosts = server.replace(/:\d+$/, '');
  const call = ['-s', 'tcp', '-g', `${service}_x`, '-h', hosts, '-t', seconds, ...flags];
  return await host.run('alert', ...call, service, server);
}

/** The servers of a service in the table, `ADDRESS=WEIGHT`. */
export function servers(host: Pick<KernelHost, 'kernel'>, where = '192.0.2.100:80'): string {
  const found = host.kernel
    .rules()
    .matchAll(new RegExp(`^-a -[tu] ${where} -r ([0-9.]+):\\d+ .* -w (\\d+)`, 'gm'));
  return [...found].map(([, address, weight]) => `${address!.split('.')[3]}=${weight}`).join(' ');
}
