import { readdirSync, readFileSync } from 'node:fs';
import type { ExecutionContext } from 'ava';
import { ROOT } from './context.js';
import { KernelHost } from './kernel-host.js';
import { Mortal } from './mortal.js';

/** A lone director with mon. Each server is in each service, so that files and table change with it. */
export function monitored(interval: string, ...servers: string[]): string {
  return `version: 1
checker: mon
directors: [ { name: midas, address: 192.0.2.1, interface: eth0 } ]
defaults: { check: { type: tcp, interval: ${interval} } }
services:
  - { name: web, address: 192.0.2.100, port: 80, servers: [ ${servers.join(', ')} ] }
  - { name: shop, address: 192.0.2.100, port: 81, servers: [ ${servers.join(', ')} ] }
`;
}
export const OLD = monitored('5s', '192.0.2.11', '192.0.2.12');
/** Other files, and another table. */
export const NEW = monitored('7s', '192.0.2.11', '192.0.2.13', '192.0.2.14');
/** Other files, the same table. */
export const SLOWER = monitored('9s', '192.0.2.11', '192.0.2.12');
export const MON_CF = '/etc/mon/mon.cf';

/** A director on real files whose systemd runs mon; configured and applied. */
export async function configured(t: ExecutionContext, text = OLD): Promise<KernelHost> {
  const host = new KernelHost(t);
  host.put('/run/systemd/system/x', '');
  host.put('/here/lvs.yaml', text);
  const { exitCode, err } = await host.run('configure', '-f', '/here/lvs.yaml');
  t.is(exitCode, 0, err);
  await host.applied(t, text);
  host.called.length = 0;
  return host;
}

/** The same in memory, whose process can be killed; not `isApplied`: it has files, and nothing runs. */
export async function mortalConfigured(t: ExecutionContext, isApplied = true): Promise<Mortal> {
  const mortal = new Mortal(t);
  for (const folder of ['templates', 'realserver']) await pack(mortal, folder);
  await mortal.disk.replace('/run/systemd/system/x', '', 0o644);
  await mortal.ready(isApplied ? OLD : undefined);
  await mortal.disk.replace('/here/lvs.yaml', OLD, 0o644);
  t.is(await mortal.act('configure', '-f', '/here/lvs.yaml'), 0);
  return mortal;
}

async function pack(mortal: Mortal, folder: string): Promise<void> {
  for (const name of readdirSync(ROOT + folder, { recursive: true, withFileTypes: true })) {
    if (!name.isFile()) continue;
    const path = `${name.parentPath}/${name.name}`;
    await mortal.disk.replace(`/package/${path.slice(ROOT.length)}`, readFileSync(path), 0o644);
  }
}

/** All files below /etc, with what they hold. */
export async function etc({ disk }: Mortal, folder = '/etc'): Promise<string> {
  const lines: string[] = [];
  for (const name of await disk.list(folder)) {
    const path = `${folder}/${name}`;
    const entry = await disk.look(path);
    if (entry?.kind === 'folder') lines.push(await etc({ disk } as Mortal, path));
    else if (entry?.kind === 'file')
      lines.push(`${path} ${entry.mode.toString(8)}\n${Buffer.from(await disk.read(path)).toString()}`);
    else if (entry) lines.push(`${path} ${JSON.stringify(entry)}`);
  }
  return lines.join('\n');
}
