import type { Protocol } from '../cluster/service.js';
import type { Host, Lab } from './lab.js';

/** Starts stand-in servers for `endpoints` (`tcp:ADDRESS:PORT`, IPv6 in brackets). They listen when this returns. */
export async function serve(host: Host, ...endpoints: readonly string[]): Promise<void> {
  await host.sh(host.perl('stand-in', endpoints));
}

/** Who answered how often when the client asked `count` times, from an address (and port) of its own; `-` is nobody. */
export async function ask(
  client: Host,
  how: Protocol,
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

/** The hosts that answer when the client asks by ARP who has the address, by name. */
export async function arpAnswerers(lab: Lab, address: string): Promise<string[]> {
  const answered = await arpAnswerHardware(lab.client, address);
  const known = new Map<string, string>();
  await Promise.all(
    lab.hosts.map(async host => {
      const { stdout } = await host.run('cat /sys/class/net/*/address');
      for (const hardware of stdout.split('\n')) known.set(hardware.toUpperCase(), host.name);
    }),
  );
  return answered.map(one => known.get(one) ?? one).toSorted();
}

/** How many machines answer when the client asks by ARP who has the address. */
export async function arpAnswers(client: Host, address: string): Promise<number> {
  return (await arpAnswerHardware(client, address)).length;
}

/** The hardware addresses of those, in capitals. */
export async function arpAnswerHardware(client: Host, address: string): Promise<string[]> {
  // -w 1: with -c alone it would stop at the first answer. Its exit code is about something else.
  const { stdout } = await client.run(`arping -b -w 1 -I eth0 ${address}`);
  return [...new Set(stdout.match(/(?<=\[)[0-9A-Fa-f:]{17}(?=\])/g))].map(one => one.toUpperCase());
}

/** The hardware addresses, in capitals, that answer for an IPv6 address, by neighbour discovery (RFC 4861). */
export async function neighbourAnswerHardware(client: Host, address: string): Promise<string[]> {
  const seen = `/tmp/neighbours-${address.replaceAll(':', '-')}`;
  // The kernel itself asks when it has something to send; its own cache must not know the answer. Every advertisement
  // counts that is solicited (S), not what a director that takes over tells everyone.
  const { stdout } = await client.run(
    `timeout 3 tcpdump -p -n -e -l -i eth0 'icmp6 and ip6[40] == 136 and ip6[44] & 0x40 != 0' >${seen} 2>${seen}.err &
     for try in 1 2 3 4 5 6 7 8 9 10; do ! grep -q listening ${seen}.err || break; sleep 0.1; done
     ip neigh flush to ${address}
     ping -6 -c 1 -W 1 ${address} >/dev/null 2>&1
     wait; grep -F 'tgt is ${address},' ${seen}`,
  );
  const found = stdout.match(/^\S+ [0-9a-f:]{17}/gm)?.map(line => line.split(' ')[1]!.toUpperCase());
  return [...new Set(found)];
}
