import { familyOf } from '../../cluster/address.js';
import type { Cluster } from '../../cluster/cluster.js';
import { arpAnswerHardware, neighbourAnswerHardware } from '../acts.js';
import { holders, virtualIps } from '../holders.js';
import type { Host, Lab } from '../lab.js';
import { type Act, type Finding, judged } from './drill.js';

/** Who answers on the wire for each VIP: one machine. All are asked at once. */
export function neighbourAct(cluster: Cluster): Act {
  const vips = virtualIps(cluster);
  return {
    drills: vips.map(subject => {
      const protocol = familyOf(subject) === 'ipv4' ? 'ARP' : 'neighbour discovery';
      return { id: 'arp', title: `exactly one machine answers ${protocol} for the address`, subject };
    }),
    run: lab => Promise.all(vips.map(vip => answersFor(lab, vip))),
  };
}

async function answersFor(lab: Lab, vip: string): Promise<Finding> {
  const { client, cluster } = lab;
  const ask = familyOf(vip) === 'ipv4' ? arpAnswerHardware : neighbourAnswerHardware;
  const answered = await ask(client, vip);
  const found = (await holders(lab)).get(vip) ?? [];
  const [holder] = found;
  const problems: string[] = [];
  if (answered.length === 0) problems.push('nobody answers');
  if (found.length > 1 && cluster.failover.by === 'none') {
    problems.push('with failover none every director takes the addresses at once');
  } else if (answered.length > 1) {
    problems.push('others than the active director answer too: clients may reach them past it');
  } else if (answered.length === 1 && !(holder && (await hardwareOf(holder)).includes(answered[0]!))) {
    problems.push('another machine than the active director answers');
  }
  const held = found.map(one => one.name).join(', ') || 'no director';
  return judged(problems, `${answered.length} answered; held by ${held}`, { answers: answered.length });
}

/** The hardware addresses of a host's own interfaces, in capitals. */
async function hardwareOf(host: Host): Promise<string[]> {
  return (await host.sh('cat /sys/class/net/*/address')).toUpperCase().split('\n');
}
