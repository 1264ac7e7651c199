import { startKeepalived } from '../daemons.js';
import { realServer, type Scenario, withCluster } from '../harness.js';
import { note } from '../notes.js';

const VIP = '192.168.45.26';
const DESCRIPTION = `version: 1
checker: keepalived
directors: [ { name: midas, address: 192.168.45.23, address6: "2001:db8:45::23", interface: eth0 } ]
real_servers: { interface: eth0 }
hosts:
  web1: { address: 192.168.45.13, address6: "2001:db8:45::13" }
  web2: { address: 192.168.45.43 }
  spare: { address: 192.168.45.53 }
defaults: { scheduler: wrr, check: { type: tcp, interval: 1s, timeout: 1s, retries: 0 } }
services:
  - { name: web, address: ${VIP}, port: 80, servers: [ { host: web1, weight: 3 }, web2 ] }
  - { name: shop, address: ${VIP}, port: 81, persistence: 300s, fallback: { address: 192.168.45.53 }, servers: [ web1, web2 ] }
  - { name: web6, address: "2001:db8:45::26", port: 80, servers: [ web1 ] }
  - { name: marked, fwmark: 7, match: [ { address: 192.168.45.28, port: 80 } ], servers: [ web1 ] }
  - { name: nat, address: ${VIP}, port: 83, forwarding: nat, servers: [ { host: web1, port: 8080 } ], check: { type: none } }
`;

export const keepalivedOwner: Scenario = {
  name: 'keepalived-owner',
  descriptions: [DESCRIPTION],
  async run(check) {
    await withCluster(DESCRIPTION, async lab => {
      const midas = lab.host('midas');
      for (const one of lab.role('server')) await realServer(one, 'tcp:0.0.0.0:80', 'tcp:0.0.0.0:81');
      await check('explore', async () => {
        await startKeepalived(midas);
        await midas.sh('sleep 4');
        const look = async (script: string): Promise<void> => note((await midas.run(script)).stdout);
        await look(
          'cat /run/checkers.pid; pid=$(cat /run/checkers.pid); kill -USR1 $pid; sleep 1; wc -c /tmp/keepalived_check.data; tail -40 /tmp/keepalived_check.data; cat /run/checkers.pid; tail -30 /var/log/keepalived.out',
        );
        await look(
          'mkdir -p /var/lib/lvsctl/tracks; kill -HUP $(cat /run/keepalived.pid); sleep 3; cat /run/checkers.pid; pid=$(cat /run/checkers.pid); kill -USR1 $pid; sleep 1; wc -c /tmp/keepalived_check.data; tail -300 /tmp/keepalived_check.data; cat /run/checkers.pid; tail -30 /var/log/keepalived.out',
        );
        await look('ipvsadm -Sn');
      });
    });
  },
};
