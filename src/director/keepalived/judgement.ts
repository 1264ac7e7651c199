import { endpoint } from '../../cluster/address.js';
import { place } from '../../table/overlay.js';

/** What keepalived thinks of one server. */
export interface Judgement {
  readonly alive: boolean;
  /** What its configuration and its track file add up to; it may be below 0 and above 65,535. */
  readonly weight: number;
}

/** What keepalived holds: its services by `serviceKey`, and of each its servers by `place`. */
export type Judgements = ReadonlyMap<string, ReadonlyMap<string, Judgement>>;

/** The lines of `keepalived_check.data` that `parseJudgements` reads, as a regular expression for grep -E. */
export const TELLING =
  '^ *(------< |VS (VIP|FWMARK|GROUP) = |Address family = |protocol = |RIP = |forwarding method = |alive = |effective weight = )';

interface Draft {
  readonly values: Map<string, string>;
  readonly servers: Map<string, string>[];
}

/**
 * What keepalived writes into `keepalived_check.data` on SIGUSR1 (2.2.7: check_data.c, dump_vs and dump_rs).
 *
 * @returns undefined where it is not what that version writes
 */
export function parseJudgements(text: string): Judgements | undefined {
  // A group is nothing that lvsctl has made.
  const drafts = draftsOf(text).filter(({ values }) => !values.has('VS GROUP'));
  const found = new Map<string, ReadonlyMap<string, Judgement>>();
  for (const draft of drafts) {
    const service = serviceOf(draft.values);
    if (!service) return undefined;
    const servers = new Map<string, Judgement>();
    for (const values of draft.servers) {
      const server = serverOf(values, service.port);
      if (!server) return undefined;
      servers.set(place({ service: service.key, server: server.name }), server.judgement);
    }
    found.set(service.key, servers);
  }
  return found;
}

function draftsOf(text: string): Draft[] {
  const drafts: Draft[] = [];
  let values = new Map<string, string>();
  for (const line of text.split('\n').map(one => one.trim())) {
    if (line.startsWith('------< ')) {
      values = new Map();
      if (line === '------< Virtual server >------') drafts.push({ values, servers: [] });
      else if (line === '------< Real server >------') drafts.at(-1)?.servers.push(values);
      continue;
    }
    for (const part of line.split(/, (?=[A-Z]+ = )/)) {
      const [, name, value] = /^(.+?) = (.*)$/.exec(part) ?? [];
      if (name !== undefined && value !== undefined) values.set(name, value);
    }
  }
  return drafts;
}

function serviceOf(values: ReadonlyMap<string, string>): { key: string; port: number } | undefined {
  const family = { inet: 'ipv4', inet6: 'ipv6' }[values.get('Address family') ?? ''];
  const mark = values.get('VS FWMARK');
  if (family === undefined) return undefined;
  if (mark !== undefined) return { key: `fwmark:${mark}/${family}`, port: 0 };
  const [address, port] = [values.get('VS VIP'), Number(values.get('VPORT'))];
  const protocol = values.get('protocol')?.toLowerCase();
  if (address === undefined || protocol === undefined || !Number.isInteger(port)) return undefined;
  return { key: `${endpoint(address, port)}/${protocol}`, port };
}

/** @param servicePort what the kernel has for a server that gets the packets as they are */
function serverOf(
  values: ReadonlyMap<string, string>,
  servicePort: number,
): { name: string; judgement: Judgement } | undefined {
  const [address, port, weight] = [
    values.get('RIP'),
    Number(values.get('RPORT')),
    Number(values.get('effective weight')),
  ];
  const [alive, forwarding] = [values.get('alive'), values.get('forwarding method')];
  if (address === undefined || !Number.isInteger(port) || !Number.isInteger(weight)) return undefined;
  if ((alive !== '0' && alive !== '1') || forwarding === undefined) return undefined;
  const name = endpoint(address, forwarding === 'NAT' ? port : servicePort);
  return { name, judgement: { alive: alive === '1', weight } };
}
