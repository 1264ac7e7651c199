import type { Host } from '../../src/lab/lab.js';

/** All that a real server's set-up may touch: addresses, links, routes, the packet filter, the network's sysctls. */
export async function settingsOf(host: Host): Promise<string[]> {
  const text = await host.sh(
    `ip -o addr show | sed 's/valid_lft.*//'
     ip -o link show | sed 's/ link.netnsid .*//'
     ip route show table all | sort
     nft list ruleset
     cd /proc/sys/net && find ipv4 ipv6 -type f -perm -u=rw ! -name flush ! -name stable_secret |
       sort | xargs grep -H ''`,
  );
  return text.split('\n').map(line => line.replace(/\s+$/, ''));
}
