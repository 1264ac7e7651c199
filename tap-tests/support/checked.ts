import { readdirSync, readFileSync } from 'node:fs';
import type { ExecutionContext } from 'ava';
import { portNames } from '../../src/config/port-names.js';
import { readDescription } from '../../src/config/read.js';
import type { Cluster } from '../../src/cluster/cluster.js';
import { ROOT } from './context.js';
import { expect } from './arbitrary.js';
import { SERVICES } from './arbitrary-classic.js';
import { renderDirector } from './rendered.js';
import { ModelKeepalived } from './model-keepalived.js';
import { Mortal } from './mortal.js';

export const TRACKS = '/var/lib/lvsctl/tracks';

/** Three services, one of them with a fallback, one that keeps its dead at weight 0. */
export function checkedDescription(change: (text: string) => string = text => text): string {
  return change(`version: 1
checker: keepalived
hosts:
  web1: { address: 192.0.2.11 }
  web2: { address: 192.0.2.12 }
services:
  - { name: web, address: 192.0.2.100, port: 80, scheduler: wrr, servers: [ { host: web1, weight: 3 }, web2 ] }
  - { name: shop, address: 192.0.2.101, port: 443, scheduler: wrr, slow_start: 90s, fallback: { address: 192.0.2.99 }, servers: [ { host: web1, weight: 10 }, web2 ] }
  - { name: dns, address: 192.0.2.100, port: 53, protocol: udp, scheduler: wrr, on_failure: quiesce, servers: [ web1, web2 ] }
`);
}

export async function clusterFrom(text: string): Promise<Cluster> {
  const { cluster, diagnostics } = await readDescription(Buffer.from(text), 'lvs.yaml', portNames(SERVICES));
  expect(cluster !== undefined, () => JSON.stringify(diagnostics));
  return cluster;
}

/** A director in memory with keepalived on it. */
export class CheckedDirector extends Mortal {
  readonly keepalived: ModelKeepalived;

  constructor(t: ExecutionContext) {
    super(t);
    this.keepalived = new ModelKeepalived(this.host, this.disk);
  }

  /** What `configure` makes of a description. */
  async configure(text: string): Promise<void> {
    const cluster = await clusterFrom(text);
    const { config } = cluster.keepalived;
    const file = renderDirector(cluster, ['keepalived']).get(config);
    if (!file) return;
    if (file.kind === 'key' || file.kind === 'link') throw new Error(config);
    await this.disk.replace(config, file.content, 0o644);
  }

  /** Everything of the package that files are rendered from. */
  async unpack(folder = 'templates'): Promise<void> {
    for (const entry of readdirSync(`${ROOT}${folder}`, { withFileTypes: true })) {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory()) await this.unpack(path);
      else await this.disk.replace(`/package/${path}`, readFileSync(`${ROOT}${path}`), 0o644);
    }
  }

  /** Applied, and started as the units start it. */
  async begin(text: string): Promise<void> {
    await this.unpack();
    await this.unpack('realserver');
    await this.disk.replace('/etc/services', SERVICES, 0o644);
    await this.configure(text);
    await this.ready(text);
    await this.act('director', 'start');
    await this.keepalived.start();
    await this.keepalived.settle();
    await this.act('director', 'start');
  }

  /** What a track file says, by the begin of its name. */
  async track(begin: string): Promise<string | undefined> {
    const name = (await this.disk.list(TRACKS)).find(one => one.startsWith(begin));
    return name === undefined
      ? undefined
      : Buffer.from(await this.disk.read(`${TRACKS}/${name}`))
          .toString()
          .trim();
  }

  /** The weight of one, as `-t 192.0.2.100:80 -r 192.0.2.11:80`; undefined where it is not in the table. */
  weightAt(at: string): number | undefined {
    const line = this.host.kernel
      .rules()
      .split('\n')
      .find(one => one.startsWith(`-a ${at} `));
    return line === undefined ? undefined : Number(/ -w (\d+)/.exec(line)![1]);
  }

  /** The weights of the servers of a service, `11:3 12:1`, by the last number of the address. */
  weights(where: string): string {
    const found = this.host.kernel
      .rules()
      .matchAll(new RegExp(`^-a -[tu] ${where} -r \\S*\\.(\\d+):\\d+ .* -w (\\d+)`, 'gm'));
    return [...found]
      .map(([, last, weight]) => `${last}:${weight}`)
      .toSorted()
      .join(' ');
  }
}

/** One on which `checkedDescription` runs. */
export async function director(t: ExecutionContext): Promise<CheckedDirector> {
  const made = new CheckedDirector(t);
  await made.begin(checkedDescription());
  return made;
}
