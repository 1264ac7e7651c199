import type { SyncDaemon, Timeouts } from '../table.js';
import { UnknownOutput, wordedLines } from './output.js';

/** `ipvsadm -Ln --timeout`: `Timeout (tcp tcpfin udp): 900 120 300`. @throws UnknownOutput */
export function parseTimeouts(text: string): Timeouts {
  const [, tcp, tcpFin, udp] = /^Timeout \(tcp tcpfin udp\): (\d+) (\d+) (\d+)\n?$/.exec(text) ?? [];
  if (udp === undefined) throw new UnknownOutput('ipvsadm -Ln --timeout', 1, text);
  return { tcp: Number(tcp), tcpFin: Number(tcpFin), udp: Number(udp) };
}

const DAEMON = /^(master|backup) sync daemon \((.+)\)$/;
const NUMBERS = { syncid: 'id', maxlen: 'maxLength', port: 'port', ttl: 'ttl' } as const;

/**
 * `ipvsadm -Ln --daemon`: none, one or two lines like
 * `master sync daemon (mcast=eth0, syncid=51, maxlen=1472, group=224.0.0.81, port=8848, ttl=1)`. @throws UnknownOutput
 */
export function parseDaemons(text: string): SyncDaemon[] {
  return [...wordedLines(text)].map(({ number, line }) => {
    const unknown = (): UnknownOutput => new UnknownOutput('ipvsadm -Ln --daemon', number, line);
    const [, role, list = ''] = DAEMON.exec(line) ?? [];
    const daemon: Record<string, string | number> = {};
    for (const pair of list.split(', ')) {
      const [, name = '', value = ''] = /^(\w+)=(\S+)$/.exec(pair) ?? [];
      if (name === 'mcast') daemon['interface'] = value;
      else if (name === 'group') daemon['group'] = value;
      else if (Object.hasOwn(NUMBERS, name) && /^\d+$/.test(value))
        daemon[NUMBERS[name as keyof typeof NUMBERS]] = Number(value);
      else throw unknown();
    }
    if (!role || daemon['interface'] === undefined || daemon['id'] === undefined) throw unknown();
    return { role, ...daemon } as unknown as SyncDaemon;
  });
}
