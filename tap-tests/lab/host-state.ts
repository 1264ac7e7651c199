import type { Host } from '../../src/lab/lab.js';

/** They bring devices into every host of the machine when somebody loads them. */
const MODULES = 'dummy ipip sit ip_gre ip6_gre ip6_tunnel fou';

/**
 * All that a real server's set-up may touch: addresses, links, routes, the packet filter, the network's settings but
 * IPVS's own, which are there since some director of the machine needed it.
 */
export async function settingsOf(host: Host): Promise<string[]> {
  // A link that has just come up asks for a second or two whether its addresses are anybody else's.
  const text = await host.sh(
    `modprobe -a ${MODULES}
     tries=50
     while [ "$tries" -gt 0 ] && ip -6 addr show tentative | grep -q inet6; do sleep 0.1; tries=$((tries - 1)); done
     ip -o addr show | sed 's/valid_lft.*//'
     ip -o link show | sed 's/ link.netnsid .*//'
     ip route show table all | sort
     nft list ruleset
     cd /proc/sys/net && find ipv4 ipv6 -type f -perm -u=rw ! -path 'ipv4/vs/*' ! -name flush ! -name stable_secret |
       sort | xargs grep -H ''`,
  );
  return text.split('\n').map(line => line.replace(/\s+$/, ''));
}
