import assert from 'node:assert/strict';
import { ask } from '../../../src/lab/acts.js';
import type { Host } from '../../../src/lab/lab.js';
import { parseCounters } from '../../../src/table/parse/listing.js';
import { ModelTerminal } from '../../support/model-terminal.js';
import { PROJECT, realServer, type Scenario, withCluster } from '../harness.js';

const VIP = '192.168.45.26';
const DESCRIPTION = `version: 1
directors: [ { name: midas, address: 192.168.45.23, interface: eth0 } ]
hosts:
  web1: { address: 192.168.45.13 }
  web2: { address: 192.168.45.43 }
services:
  - { name: web, address: ${VIP}, port: 80, scheduler: wrr, servers: [ web1, { host: web2, weight: 3 } ] }
  - { name: xdmcp, address: ${VIP}, port: 177, protocol: udp, servers: [ web1 ] }
`;
const LVSCTL = `${PROJECT}/node ${PROJECT}/dist/main.js`;
const METRICS = '/tmp/lvsctl.prom';
const SIZE = { columns: 150, rows: 12 };

interface Found {
  readonly services: readonly (Entry & {
    readonly service: string;
    readonly servers: readonly (Entry & { readonly server: string })[];
  })[];
}

interface Entry {
  readonly stats: object;
}

/** What status says of a real kernel, and top on a real terminal. */
export const status: Scenario = {
  name: 'status',
  descriptions: [DESCRIPTION],
  async run(check) {
    await withCluster(DESCRIPTION, async lab => {
      const midas = lab.host('midas');
      await midas.sh('cat >/tmp/lvs.yaml', DESCRIPTION);
      await midas.sh(`modprobe ip_vs; ip addr add ${VIP}/32 dev eth0`);
      await Promise.all(lab.role('server').map(one => realServer(one, `tcp:${VIP}:80`, `udp:${VIP}:177`)));
      await midas.sh('ipvsadm -A -t 10.0.0.99:9 -s rr');
      await midas.sh(`${LVSCTL} apply -f /tmp/lvs.yaml`);

      await check('under real traffic its numbers are those of ipvsadm, to the last byte', async () => {
        await ask(lab.client, 'tcp', VIP, 80, 12);
        await ask(lab.client, 'udp', VIP, 177, 5);
        // The kernel brings all its counters up to date every two seconds.
        await midas.sh('sleep 3');
        const dump = parseCounters(await midas.sh('ipvsadm -Ln --stats --exact'));
        assert.equal(dump.services.get(`${VIP}:80/tcp`)?.connections, 12);
        const { services } = JSON.parse(await midas.sh(`${LVSCTL} status -f /tmp/lvs.yaml -o json`)) as Found;
        for (const { service, stats, servers } of services) {
          assert.deepEqual(stats, dump.services.get(service), service);
          for (const one of servers)
            assert.deepEqual(one.stats, dump.servers.get(`${service} ${one.server}`));
        }
        assert.equal(services.length, 3);
        const text = await midas.sh(`${LVSCTL} status --stats --rate`);
        for (const counters of [...dump.services.values(), ...dump.servers.values()])
          assert.match(text, new RegExp(`  ${Object.values(counters).join(' +')}$`, 'm'));
        assert.match(text, /^Service → Server +CPS +InPPS +OutPPS +InBPS +OutBPS$/m);
      });
      await check('what was drained and what was edited by hand is told with its reason', async () => {
        await midas.sh(`${LVSCTL} drain web web1 --reason disk`);
        await midas.sh(`ipvsadm -e -t ${VIP}:80 -r 192.168.45.43 -g -w 9`);
        const text = await midas.sh(`${LVSCTL} status -f /tmp/lvs.yaml`);
        assert.match(text, /^table +differs from what should be in it in 1 line: `lvsctl apply` mends it$/m);
        assert.match(text, /^file +\/tmp\/lvs\.yaml is what runs$/m);
        assert.match(
          text,
          /^ {2}192\.168\.45\.13:80 \(web1\) +direct +0 .* drained by \S+ since \S+: disk$/m,
        );
        assert.match(
          text,
          /^ {2}192\.168\.45\.43:80 \(web2\) +direct +9 .* DRIFT: weight 9, should be 3; configured$/m,
        );
        assert.match(text, /^10\.0\.0\.99:9\/tcp {2}rr {2}not ours$/m);
      });
      await check('the file for node_exporter has the same numbers, and anybody may read it', async () => {
        await midas.sh(`${LVSCTL} status --prometheus ${METRICS}`);
        const text = await midas.sh(`stat -c %a ${METRICS}; cat ${METRICS}`);
        const labels = `service="web",virtual="${VIP}:80",protocol="tcp"`;
        assert.match(text, /^644\n/);
        assert.ok(text.includes(`lvsctl_service_connections_total{${labels}} 12\n`), text);
        assert.ok(text.includes(`lvsctl_server_drained{${labels},server="192.168.45.13:80"} 1\n`), text);
        assert.ok(text.includes('\nlvsctl_drift_lines 1\n'), text);
        for (const line of text.split('\n').slice(1))
          assert.match(
            line,
            /^(?:# (?:HELP|TYPE) lvsctl_\w+ .+|lvsctl_\w+(?:\{(?:\w+="[^"\\]*",?)+\})? [0-9.]+)$/,
          );
      });
      await check('top draws it on a terminal, quits with q, and leaves the terminal as it was', async () => {
        const screen = await onTerminal(midas, 'printf q');
        assert.match(screen, /^midas {2}generation 1 .* every 2 s {2}by connections$/m);
        assert.match(screen, /^ {2}web1 192\.168\.45\.13:80 +0 .* drained by \S+ since \S+: disk$/m);
        assert.match(
          screen,
          /^ {2}web2 192\.168\.45\.43:80 +9 .* DRIFT: weight 9, should be 3; configured$/m,
        );
      });
      await check('so does SIGTERM', async () => {
        await onTerminal(midas, 'pkill -TERM -f "main.js to[p]$"', 130);
      });
    });
  },
};

/** What a terminal shows when top has ended, whose settings and main screen have to be as before. */
async function onTerminal(midas: Host, end: string, exitCode = 0): Promise<string> {
  const { columns, rows } = SIZE;
  const command = `stty rows ${rows} cols ${columns}; stty -a >/tmp/before; ${LVSCTL} top; echo "ended $?"; stty -a >/tmp/after`;
  const { stdout } = await midas.run(
    `export TERM=xterm; rm -f /tmp/typed
     { until grep -q "q quit" /tmp/typed; do sleep 0.2; done; ${end}; sleep 2; } 2>/dev/null | script -qefc '${command}' /tmp/typed
     cmp /tmp/before /tmp/after && echo same`,
  );
  const [, drawn = '', after = ''] =
    /\u001b\[\?1049h([^]*)\u001b\[0m\u001b\[\?25h\u001b\[\?7h\u001b\[\?1049l([^]*)/.exec(stdout) ?? [];
  assert.match(after, new RegExp(`^ended ${exitCode}\r\n[^]*^same$`, 'm'), JSON.stringify(stdout));
  const terminal = new ModelTerminal(columns, rows);
  terminal.write(drawn);
  return terminal.text;
}
