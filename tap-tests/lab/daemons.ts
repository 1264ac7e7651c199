import assert from 'node:assert/strict';
import type { Host } from '../../src/lab/lab.js';

const KEEPALIVED_DROP_IN = '/etc/systemd/system/keepalived.service.d/lvsctl.conf';

/** Stands in for lvsctl: writes down how it was called, a line in one go, since alerts come together. */
const RECORDER = `#!/bin/sh
line=$MON_ALERTTYPE
for word; do line="$line|$word"; done
printf '%s\\n' "$line|$(head -n 1)" >>/tmp/alerts
`;

/** As the unit with the rendered drop-in starts it, after the director's own unit. */
export async function startKeepalived(director: Host): Promise<void> {
  await director.sh('/etc/init.d/director.lvs.dr start');
  await runKeepalived(director);
}

/** As that unit starts it, and nothing before it. */
export async function runKeepalived(director: Host): Promise<void> {
  const command = await director.sh(
    `sed -n 's/^ExecStart=\\(.*\\) .DAEMON_ARGS/\\1/p' ${KEEPALIVED_DROP_IN}`,
  );
  assert.match(command, /^\/usr\/sbin\/keepalived /);
  await director.daemon('keepalived', `${command} --log-console --log-detail`);
}

/** As Debian's unit and its tmpfiles do, after the director's own unit. */
export async function startHeartbeat(director: Host): Promise<void> {
  await director.sh(`/etc/init.d/director.lvs.dr standby
    grep -qF "$(tail -n 1 /etc/hosts.lvsctl)" /etc/hosts || cat /etc/hosts.lvsctl >>/etc/hosts
    mkdir -p /run/heartbeat/ccm /run/heartbeat/crm /run/heartbeat/dopd
    chown -R hacluster:haclient /run/heartbeat`);
  await director.daemon('heartbeat', '/usr/libexec/heartbeat/heartbeat -f');
}

/** Whether a host has an address now. */
export async function holds(host: Host, address: string): Promise<boolean> {
  return (await host.run(`ip -o addr show to ${address}`)).stdout !== '';
}

/** mon with the rendered file; what its alerts tell lvsctl is written down. */
export async function startMon(director: Host): Promise<void> {
  await director.sh('cat >/usr/local/bin/lvsctl && chmod 755 /usr/local/bin/lvsctl', RECORDER);
  await director.sh('mon -f -c /etc/mon/mon.cf -P /run/mon.pid');
}

/** The alerts of one kind (`failure`, `up`, `startup`), each the words of the call and then the line of hosts. */
export async function alerts(director: Host, kind: string): Promise<string[][]> {
  const { stdout } = await director.run(`grep '^${kind}|' /tmp/alerts`);
  return stdout
    .split('\n')
    .filter(line => line !== '')
    .map(line => line.split('|'));
}

/** The trailing arguments of alerts, which say which entry of the table is meant: `SERVICE SERVER`, sorted. */
export function subjects(lines: readonly (readonly string[])[]): string[] {
  return [...new Set(lines.map(words => words.slice(-3, -1).join(' ')))].toSorted();
}

/** The servers of each service in a director's table, as `ipvsadm -Sn` writes them. */
export async function serversIn(director: Host): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>();
  for (const line of (await director.sh('ipvsadm -Sn')).split('\n')) {
    const [command, , service = '', , server = ''] = line.split(' ');
    if (command === '-A') found.set(service, []);
    if (command === '-a') found.get(service)?.push(server);
  }
  return found;
}
