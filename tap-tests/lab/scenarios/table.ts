import assert from 'node:assert/strict';
import { FLAGS, SCHEDULERS } from '../../../src/cluster/scheduler.js';
import { differences, kernelTable, wantedTable } from '../../../src/lab/kernel-table.js';
import { type Scenario, withCluster } from '../harness.js';

/** Debian 12's kernel was built without this one. */
const ABSENT = 'twos';

/** Everything that a table can hold, one service for each. */
function description(): string {
  const services: string[] = [];
  let port = 1000;
  const tcp = (keys: string, servers = '[ 10.0.0.11, { address: 10.0.0.12, weight: 65535 } ]'): void =>
    void services.push(`  - { address: 10.0.0.50, port: ${port++}, ${keys}, servers: ${servers} }`);
  for (const name of Object.keys(SCHEDULERS).filter(one => one !== ABSENT)) tcp(`scheduler: ${name}`);
  for (const [flag, scheduler] of Object.entries(FLAGS)) tcp(`scheduler: ${scheduler}, flags: [ ${flag} ]`);
  tcp('scheduler: mh, flags: [ mh-fallback, mh-port ]');
  tcp('scheduler: sh, flags: [ sh-fallback, sh-port ], persistence: { timeout: 60s, netmask: 20 }');
  tcp('persistence: 300s');
  tcp('persistence: { timeout: 300s, netmask: 24 }');
  tcp(
    'scheduler: wrr',
    '[ { address: 10.0.0.11, weight: 0, upper: 2000, lower: 1500 }, { address: 10.0.0.12, upper: 7 } ]',
  );
  tcp('protocol: sctp, check: { type: none }');
  tcp('protocol: udp, check: { type: none }');
  tcp('protocol: udp, one_packet: true, check: { type: none }');
  tcp('protocol: udp, persistence: { timeout: 600s, engine: sip }, scheduler: rr, check: { type: none }');
  tcp(
    'forwarding: nat',
    '[ { address: 10.0.0.11, port: 80 }, { address: 10.0.0.12, port: 8080, weight: 3 } ]',
  );
  tcp(
    'forwarding: tunnel',
    `[ { address: 10.0.0.11, tunnel: { type: ipip } }, { address: 10.0.0.12, tunnel: { type: gre } },
       { address: 10.0.0.13, tunnel: { type: gre, checksum: true } }, { address: 10.0.0.14, tunnel: { type: gue, port: 6080 } },
       { address: 10.0.0.15, tunnel: { type: gue, port: 6081, checksum: true } }, "2001:db8::15" ]`,
  );
  const all = (text: string): void => void services.push(text);
  all('  - { address: 10.0.0.51, port: 0, persistence: 60s, servers: [ 10.0.0.11 ] }');
  all(
    '  - { address: "2001:db8::50", port: 80, servers: [ "2001:db8::11", { address: "2001:db8::12", weight: 2 } ] }',
  );
  all(
    '  - { address: "2001:db8::50", port: 81, persistence: { timeout: 60s, netmask: 64 }, servers: [ "2001:db8::11" ] }',
  );
  all(
    '  - { address: "2001:db8::50", port: 53, protocol: udp, one_packet: true, servers: [ "2001:db8::11" ] }',
  );
  all('  - { address: "2001:db8::51", port: 0, persistence: 60s, servers: [ "2001:db8::11" ] }');
  all(
    '  - { fwmark: 7, match: [ { address: 10.0.0.52, port: 80 } ], persistence: 60s, servers: [ 10.0.0.11 ] }',
  );
  all('  - { fwmark: 4294967295, match: [ { address: 10.0.0.52, port: 81 } ], servers: [ 10.0.0.11 ] }');
  all('  - { fwmark: 8, match: [ { address: "2001:db8::52", port: 80 } ], servers: [ "2001:db8::11" ] }');
  all(
    '  - { fwmark: 8, match: [ { address: 10.0.0.52, port: 82 } ], forwarding: nat, servers: [ { address: 10.0.0.11, port: 80 } ] }',
  );
  all(
    '  - { fwmark: 4294967294, match: [ { address: "2001:db8::52", port: 81 } ], servers: [ "2001:db8::11" ] }',
  );
  return `version: 1
directors: [ { name: midas, address: 10.0.0.1, address6: "2001:db8::1", interface: eth0 } ]
ipvs: { timeouts: { tcp: 600s, tcp_fin: 60s, udp: 100s } }
services:
${services.join('\n')}
`;
}

export const DESCRIPTION = description();

/** What is rendered for the kernel's table is what the kernel then holds. */
export const table: Scenario = {
  name: 'table',
  descriptions: [DESCRIPTION],
  async run(check) {
    await withCluster(DESCRIPTION, async lab => {
      const midas = lab.host('midas');
      const wanted = wantedTable(lab.cluster);
      const same = async (): Promise<void> =>
        assert.deepEqual(differences(wanted, await kernelTable(midas)), []);

      await check(
        `fill_table: every scheduler, flag and kind of service reads back as it was rendered`,
        async () => {
          await midas.sh('fill_table');
          await same();
        },
      );
      await check("the thresholds and timeouts are the kernel's", async () => {
        const thresholds = await midas.sh('ipvsadm -Ln --thresholds');
        assert.match(thresholds, /10\.0\.0\.11:\d+ +2000 +1500 /);
        assert.match(thresholds, /10\.0\.0\.12:\d+ +7 +/);
        assert.match(await midas.sh('ipvsadm -Ln --timeout'), /600 60 100/);
      });
      await check('fill_table twice is once: nothing is added, nothing removed', async () => {
        const { stderr, exitCode } = await midas.run('fill_table');
        assert.equal(exitCode, 0, stderr);
        assert.doesNotMatch(stderr, /ipvsadm -[AaDd] /);
        await same();
        assert.equal(await midas.sh('fill_table -c'), '');
      });
      await check('it mends what others changed, and leaves a foreign service alone', async () => {
        await midas.sh('ipvsadm -A -t 10.0.0.99:9 -s rr; ipvsadm -a -t 10.0.0.99:9 -r 10.0.0.98:9 -m -w 5');
        await midas.sh(
          'ipvsadm -a -t 10.0.0.50:1000 -r 10.0.0.97 -g; ipvsadm -e -f 8 -6 -r [2001:db8::11]:0 -g -w 9',
        );
        await midas.sh('fill_table');
        const foreign = ['-A -t 10.0.0.99:9 -s rr', '-a -t 10.0.0.99:9 -r 10.0.0.98:9 -m -w 5'];
        assert.deepEqual(differences([...wanted, ...foreign], await kernelTable(midas)), []);
      });
      await check('ipvsadm.rules, for hosts without lvsctl, gives the same table', async () => {
        await midas.sh('ipvsadm -C; sed "/^#/d" /etc/ipvsadm.rules | ipvsadm -R');
        await same();
      });
      await check('fill_table -r removes them all, and nothing else', async () => {
        await midas.sh('ipvsadm -A -t 10.0.0.99:9 -s rr; fill_table -r');
        assert.deepEqual(await kernelTable(midas), ['-A -t 10.0.0.99:9 -s rr']);
      });
    });
  },
};
