export type Severity = 'error' | 'warning' | 'hint';

interface CodeEntry {
  readonly severity: Severity;
  /** One sentence for the reference page: what is checked and why. */
  readonly about: string;
}

const error = (about: string): CodeEntry => ({ severity: 'error', about });
const warning = (about: string): CodeEntry => ({ severity: 'warning', about });
const hint = (about: string): CodeEntry => ({ severity: 'hint', about });

/** Every diagnostic there is. The reference page docs/diagnostics.md is made from this table. */
export const CODES = {
  // The file as such
  'unreadable-file': error('The description cannot be opened or read.'),
  'file-too-large': error('The description is larger than 8 MiB, or has more than a million values.'),
  'not-text': error('The file is not UTF-8 text.'),
  'yaml-syntax': error(
    'Not YAML 1.2, or YAML that no description has: tags, several documents, keys that are no texts.',
  ),
  'nested-too-deep': error('YAML nested deeper than 100 levels.'),
  'alias-bomb': error('YAML aliases that would expand beyond all measure, or stand inside their own anchor.'),
  'too-many-errors': error('More than a hundred problems: the rest is not shown.'),
  'empty-description': error('The description declares nothing.'),
  // The classic form's lines
  'unknown-line': error('A line of lvs.conf that is neither a key, a service nor a server.'),
  'wrong-word-count': error('A line of lvs.conf with too few or too many words.'),
  'unclosed-service': error('A service whose { is never closed.'),
  'unexpected-brace': error('A brace without its counterpart, or at a place where none can be.'),
  'service-before-lvshost': error('A service before the VIP that it belongs to: lvshost comes first.'),
  // Rules of ipvsadm
  'unknown-rule': error('A line that describes no table: another command, option or word of ipvsadm.'),
  'server-without-service': error('A server of a service that no line above it adds.'),
  'mark-without-match': error(
    'A service by firewall mark: the table does not say what gets the mark, so --match has to.',
  ),
  'beyond-description': error('Something that the kernel can hold and no description can say.'),
  // Keys and values
  'unknown-key': error('A key that does not exist; a similar one is suggested.'),
  'duplicate-key': error('A key that stands twice at the same place.'),
  'missing-key': error('A key that is required.'),
  'wrong-type': error('A value of the wrong kind: a list for a text, a map for a number.'),
  'bad-value': error('A value that the key does not allow.'),
  'bad-version': error('A description of another version of the format.'),
  'bad-address': error(
    'Not an address of a host: four decimal parts, or IPv6; no name, no zone, no multicast.',
  ),
  'bad-network': error('Not an address with prefix length, such as 10.0.70.1/24.'),
  'bad-port': error(
    'Not a port: 0 to 65535 or a name of /etc/services (where 0 makes no sense, 1 to 65535).',
  ),
  'unknown-port-name': error('A port name that /etc/services does not have for the protocol.'),
  'bad-weight': error('A weight outside 0 to 65535.'),
  'bad-duration': error('Not a duration (200ms, 300s, 5m, 2h, 1d), or one outside what its key allows.'),
  'bad-name': error('A name that cannot be a file, a host or a tag: letters, digits, _ . -, at most 63.'),
  'bad-interface': error('Not the name of a network interface: letters, digits, _ . -, at most 15.'),
  'bad-path': error('Not an absolute path of plain characters without `..`.'),
  'bad-schedule': error('Not a cron schedule, or one that crontab(5) cannot express.'),
  'bad-mail': error('Not a mail address.'),
  'bad-command': error(
    'A command that cannot be split into plain words, or whose program has no absolute path.',
  ),
  'unknown-scheduler': error('A scheduler that the kernel does not have.'),
  'unknown-flag': error('A scheduler flag that the kernel does not have.'),
  'unknown-engine': error('A persistence engine that the kernel does not have.'),
  'unknown-law': error('A law of weights that lvsctl does not have.'),
  'reserved-name': error('A director called `director` or `realserver`: those are folders of the output.'),
  // What belongs together
  'duplicate-service': error('Two services of one name, or on one VIP, port and protocol, or with one mark.'),
  'duplicate-server': error('A server twice in one service.'),
  'duplicate-name': error('A host with the address of another host, or of a director with another name.'),
  'unknown-host': error('A server that names a host which `hosts` does not have.'),
  'no-address-of-family': error("A host without an address of its service's family."),
  'server-is-vip': error('A server with the VIP as its address: the director would forward to itself.'),
  'server-is-gateway': error('A server with the gateway address, which moves between the directors.'),
  'mixed-families': error('Addresses of two families in one service; only a tunnel can join them.'),
  'port-mismatch': error(
    "A server's port that differs from the service's under direct routing or tunnel: the kernel silently rewrites it.",
  ),
  'port-zero': error('Port 0 (every port) without persistence: the kernel refuses it.'),
  'one-packet-not-udp': error('one_packet on something other than UDP.'),
  'standby-is-primary': error('Two directors with one name or address.'),
  'too-few-directors': error('A failover that needs more directors than are described, or other ones.'),
  'flag-of-other-scheduler': error('A flag that the chosen scheduler does not read.'),
  'engine-not-udp': error('A persistence engine on something other than UDP.'),
  'lower-above-upper': error('A lower connection limit above the upper one.'),
  'tunnel-options': error('Tunnel options without a tunnel, or ones that its type does not have.'),
  'check-impossible': error('A check that the checker or the service cannot have.'),
  'check-option': error('An option that a check of this type does not read.'),
  'minimum-servers-keepalived': error('minimum_servers with keepalived, whose quorum sums weights instead.'),
  'keepalived-refuses': error(
    'What keepalived refuses although the kernel could do it: weights that are all 0, texts longer than its lines.',
  ),
  'director-serves-without-sync': error(
    'A director that is a real server too, without sync_connections: packets loop between the two tables.',
  ),
  'filter-on-director': error(
    'vip_on: filter, and a director that is a real server too: the filter would keep its packets from IPVS.',
  ),
  'heartbeat-times': error(
    'Times of heartbeat that contradict each other: keepalive < warntime < deadtime <= initdead.',
  ),
  'law-without-share': error('A law on a service whose scheduler does not read weights as a share.'),
  'preempt-delay-alone': error('preempt_delay without preempt.'),
  'unicast-address': error("Unicast, and a director without an address of the VIPs' family."),
  'content-into-system': error('rsync of content into / or a folder of the system.'),
  // Allowed, but worth a second look
  'weight-ignored': warning(
    'A weight other than 1 under a scheduler that ignores weights. An error in the classic form.',
  ),
  'check-without-checker': warning('A check where no checker runs it.'),
  'no-second-server': warning('A service under keepalived with neither a fallback nor a second server.'),
  'ftp-alone': warning('FTP (21) without persistence or mark: data connections go astray.'),
  'http-https-apart': warning(
    'The same servers on 80 and 443 of one VIP with neither persistence nor a common mark: a TLS session may land elsewhere.',
  ),
  'nat-without-gateway': warning('NAT servers without a gateway, through which their answers must return.'),
  'nat-outside-gateway': warning("NAT servers outside the gateway's network."),
  'nothing-to-poll': warning(
    'Polling where no service reads weights as a share, all have the law static, or no server has an agent.',
  ),
  'law-without-polling': warning(
    'A law that measures, in a description without polling: weights stay as configured.',
  ),
  'timeout-above-schedule': warning(
    'A time-out of polling above the time between two polls: a silent agent makes the next one late, or left out.',
  ),
  'law-without-time': warning(
    'A law by latency on a service whose servers cannot be timed: UDP without a check of type dns, or SCTP.',
  ),
  'vip-is-fixed-address': warning("A VIP that is a director's own fixed address, which cannot move."),
  'many-nat-servers': warning('More than twenty NAT servers: all answers pass the director.'),
  'many-servers': warning('More than a hundred servers with direct routing or tunnel in one service.'),
  'one-heartbeat-link': warning('heartbeat over one link only: its failure makes both directors active.'),
  'two-active-directors': warning(
    'Several directors and failover none: each of them takes the VIPs, and neighbours hear two answers.',
  ),
  preemption: warning(
    'Preemption: a primary that returns takes the addresses, and resets connections that it does not know.',
  ),
  'rounded-time': warning('A time that the checker or daemon rounds.'),
  'single-address-persistence': hint(
    'Persistence by single addresses: clients behind one proxy all reach one server.',
  ),
  // Edits by `server` and `service`
  'shared-value': error('An edit of what an anchor makes stand for several places.'),
  'not-editable': error('An edit of what is written in a way that lvsctl does not edit.'),
  'beyond-classic': error('An edit that lvs.conf cannot say: YAML can, and `import lvs.conf` makes it.'),
} as const satisfies Record<string, CodeEntry>;

export type Code = keyof typeof CODES;
