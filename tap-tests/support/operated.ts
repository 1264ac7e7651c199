import type { ExecutionContext } from 'ava';
import type { OperatorEntry } from '../../src/state/operator.js';
import { KernelHost } from './kernel-host.js';

export function description(name = 'web', more = ''): string {
  return `version: 1
hosts:
  web1: { address: 192.0.2.11 }
  web2: { address: 192.0.2.12 }
${more}services:
  - { name: ${name}, address: 192.0.2.100, port: 80, scheduler: wrr, servers: [ { host: web1, weight: 3 }, web2 ] }
  - { name: dns, address: 192.0.2.100, port: 53, protocol: udp, scheduler: wrr, servers: [ web1, web2 ] }
  - { name: shop, address: 192.0.2.101, port: 443, scheduler: wrr, persistence: 300s, slow_start: 90s, servers: [ { host: web1, weight: 10 }, web2 ] }
`;
}

export const SETTING = '/proc/sys/net/ipv4/vs/expire_quiescent_template';

export async function director(t: ExecutionContext, text = description()): Promise<KernelHost> {
  const host = new KernelHost(t);
  await apply(t, host, text);
  return host;
}

export async function apply(t: ExecutionContext, host: KernelHost, text: string): Promise<void> {
  await host.applied(t, text);
  host.batches.length = 0;
}

/** A command line that has to end with 0. */
export async function done(t: ExecutionContext, host: KernelHost, ...argv: string[]): Promise<string> {
  const { exitCode, out, err } = await host.run(...argv);
  t.is(exitCode, 0, `${argv.join(' ')}: ${err}`);
  return out;
}

export async function refused(
  t: ExecutionContext,
  host: KernelHost,
  code: number,
  ...argv: string[]
): Promise<string> {
  const before = host.everything('/var/lib/lvsctl');
  const rules = host.kernel.rules();
  const { exitCode, err } = await host.run(...argv);
  t.is(exitCode, code, `${argv.join(' ')}: ${err}`);
  t.deepEqual(host.everything('/var/lib/lvsctl'), before);
  t.is(host.kernel.rules(), rules);
  return err;
}

/** The weights of web1, then web2, of a service. */
export function weights(host: KernelHost, where = '192.0.2.100:80'): string {
  const found = host.kernel.rules().matchAll(new RegExp(`^-a -[tu] ${where} .* -w (\\d+)`, 'gm'));
  return [...found].map(([, weight]) => weight).join(' ');
}

export function entries(host: KernelHost): readonly OperatorEntry[] {
  return (JSON.parse(host.text('/var/lib/lvsctl/operator.json')) as { entries: OperatorEntry[] }).entries;
}

export function journal(host: KernelHost): Record<string, string>[] {
  const lines = host.text('/var/lib/lvsctl/journal.jsonl').trim().split('\n');
  return lines.map(line => JSON.parse(line) as Record<string, string>);
}
