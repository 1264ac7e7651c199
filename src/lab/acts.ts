import type { Host } from './lab.js';

/** Starts stand-in servers for `endpoints` (`tcp:ADDRESS:PORT`, IPv6 in brackets). They listen when this returns. */
export async function serve(host: Host, ...endpoints: readonly string[]): Promise<void> {
  await host.sh(host.perl('stand-in', endpoints));
}

/** Who answered how often when the client asked `count` times, from an address (and port) of its own; `-` is nobody. */
export async function ask(
  client: Host,
  how: 'tcp' | 'udp',
  address: string,
  port: number,
  count: number,
  from?: { readonly address: string; readonly port?: number },
): Promise<Record<string, number>> {
  const own = from ? [from.address, ...(from.port === undefined ? [] : [from.port])] : [];
  const answers = await client.sh(client.perl('ask', [how, address, port, count, ...own]));
  const counts: Record<string, number> = {};
  for (const name of answers.split('\n').toSorted()) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

/** How many machines answer when the client asks by ARP who has the address. */
export async function arpAnswers(client: Host, address: string): Promise<number> {
  // -w 1: with -c alone it would stop at the first answer. Its exit code is about something else.
  const { stdout } = await client.run(`arping -b -w 1 -I eth0 ${address}`);
  return new Set(stdout.match(/\[[0-9A-Fa-f:]{17}\]/g)).size;
}
