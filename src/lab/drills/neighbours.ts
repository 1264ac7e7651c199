import { familyOf } from '../../cluster/address.js';
import type { Cluster } from '../../cluster/cluster.js';
import { arpAnswers, neighbourAnswers } from '../acts.js';
import { holders, virtualIps } from '../holders.js';
import { type Drill, judged } from './drill.js';

/** Who answers on the wire for each VIP: one machine, and it is the active director. */
export function neighbourDrills(cluster: Cluster): Drill[] {
  return virtualIps(cluster).map(vip => {
    const ipv4 = familyOf(vip) === 'ipv4';
    return {
      id: 'arp',
      title: `exactly one machine answers ${ipv4 ? 'ARP' : 'neighbour discovery'} for the address`,
      subject: vip,
      async run(lab) {
        const { client } = lab;
        const answers = await (ipv4 ? arpAnswers(client, vip) : neighbourAnswers(client, vip));
        const found = (await holders(lab)).get(vip) ?? [];
        const detail = `${answers} answered; held by ${found.map(one => one.name).join(', ') || 'no director'}`;
        const problems: string[] = [];
        if (found.length > 1 && cluster.failover.by === 'none') {
          problems.push('with failover none every director takes the addresses at once');
        } else if (answers > 1)
          problems.push('real servers answer too: clients may reach them past the director');
        if (answers === 0) problems.push('nobody answers');
        return judged(problems, detail, { answers });
      },
    };
  });
}
