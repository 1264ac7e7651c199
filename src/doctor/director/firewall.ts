import { makeSetting, readSetting } from '../../director/host/settings.js';
import { entrances } from '../../cluster/naming.js';
import type { Cluster } from '../../cluster/cluster.js';
import type { Match } from '../../cluster/service.js';
import { endpoint } from '../../cluster/address.js';
import { harmless } from '../../diagnostic/quote.js';
import { output } from '../ask.js';
import type { Check } from '../check.js';
import type { Finding } from '../finding.js';

export const firewall: Check = {
  name: 'firewall',
  about: 'no rule of the packet filter is seen to drop what the services get',
  async examine({ ports: { files, runner }, cluster, duties }) {
    if (!(await duties())) return undefined;
    const ruleset = await output(runner, 'nft', 'list', 'ruleset');
    const tracked = await readSetting(files, TRACKED);
    return [...judgeFirewall(cluster, ruleset), ...judgeTracking(cluster, ruleset, tracked)];
  },
};

const TRACKED = 'net/ipv4/vs/conntrack';

/**
 * Answers of NAT servers pass the forward chains before IPVS sees them. As long as IPVS keeps what it handles out of
 * the packet filter's connections, they belong to none there, and are `invalid`.
 *
 * @param tracked the kernel's net.ipv4.vs.conntrack
 */
export function judgeTracking(cluster: Cluster, ruleset: string, tracked: string | undefined): Finding[] {
  const nat = cluster.services.some(({ servers }) => servers.some(({ forwarding }) => forwarding === 'nat'));
  if (!nat || tracked !== '0') return [];
  return chainsOf(ruleset, /^type filter hook forward /).flatMap(({ name, rules, dropsRest }): Finding[] => {
    const rule = rules.find(text => drops(text) && /\bct state \S*\binvalid\b/.test(text));
    if (rule === undefined && !(dropsRest && rules.some(text => /\bct state\b/.test(text)))) return [];
    const why = rule === undefined ? 'drops what is of no known connection' : `has: ${harmless(rule)}`;
    const mend = [makeSetting({ path: TRACKED, value: '1' })];
    return [
      {
        code: 'answers-untracked',
        subject: 'net.ipv4.vs.conntrack',
        what: `it is 0, and ${name} ${why}`,
        mend,
      },
    ];
  });
}

/** A chain of nft(8)'s listing. */
interface Chain {
  readonly name: string;
  readonly dropsRest: boolean;
  readonly rules: readonly string[];
}

/**
 * Reads what can be read without running the rules: a rule that names the port and drops, and a chain that drops all
 * that no rule names. Jumps, sets and verdict maps are left alone: a note, and never more.
 */
export function judgeFirewall(cluster: Cluster, ruleset: string): Finding[] {
  const chains = chainsOf(ruleset, /^type filter hook (input|prerouting|ingress) /);
  const found = new Map<string, Finding>();
  for (const match of cluster.services.flatMap(entrances)) {
    if (match.port === 0) continue;
    const subject = `${endpoint(match.address, match.port)}/${match.protocol}`;
    for (const { name, rules, dropsRest } of chains) {
      const rule = rules.find(text => drops(text) && concerns(text, match));
      if (rule !== undefined)
        found.set(`${subject} ${name}`, {
          code: 'firewall-drops',
          subject,
          what: `${name} has: ${harmless(rule)}`,
        });
      else if (dropsRest && !rules.some(text => lets(text, match)))
        found.set(`${subject} ${name}`, {
          code: 'firewall-drops',
          subject,
          what: `${name} drops all that no rule accepts, and none is seen that accepts this`,
        });
    }
  }
  return [...found.values()];
}

/** @param hook the beginning of the lines that say where a chain hangs */
function chainsOf(ruleset: string, hook: RegExp): Chain[] {
  const chains: Chain[] = [];
  for (const table of ruleset.matchAll(/^table (\S+ \S+) \{\n([^]*?)^\}/gm)) {
    for (const [, name, body] of table[2]!.matchAll(/^\tchain (\S+) \{\n([^]*?)^\t\}/gm)) {
      const lines = body!.split('\n').map(line => line.trim());
      const head = lines.find(line => hook.test(line));
      if (head === undefined) continue;
      const rules = lines.filter(line => line !== '' && line !== head);
      chains.push({
        name: `chain ${harmless(name!)} of ${harmless(table[1]!)}`,
        dropsRest: /policy drop;/.test(head),
        rules,
      });
    }
  }
  return chains;
}

function drops(rule: string): boolean {
  return /\b(drop|reject)\b/.test(rule);
}

/** A rule of another source, interface or state says nothing of clients in general. */
function concerns(rule: string, { address, port, protocol }: Match): boolean {
  if (/\b(saddr|iif|iifname|ct state|limit)\b/.test(rule)) return false;
  const named = new RegExp(`\\b(${protocol}|th) dport (${port}\\b|\\{[^}]*\\b${port}\\b[^}]*\\})`).test(rule);
  const daddr = /\bdaddr (\S+)/.exec(rule)?.[1];
  return named && (daddr === undefined || daddr === address);
}

/** Whether a rule may let it through: it names the port, the address or no condition that nft(8) could fail by. */
function lets(rule: string, { address, port, protocol }: Match): boolean {
  if (!/\b(accept|jump|goto|vmap)\b/.test(rule)) return false;
  if (/\b(jump|goto|vmap)\b/.test(rule) || /@/.test(rule)) return true;
  if (/ct state\b/.test(rule) && !/\bnew\b/.test(rule)) return false;
  if (/\biif(name)? "?lo"?\b/.test(rule)) return false;
  const dport = /\bdport (\{[^}]*\}|\S+)/.exec(rule)?.[1];
  if (dport !== undefined && !new RegExp(`\\b${port}\\b`).test(dport) && !/-/.test(dport)) return false;
  const daddr = /\bdaddr (\{[^}]*\}|\S+)/.exec(rule)?.[1];
  if (daddr !== undefined && !daddr.includes(address) && !daddr.includes('/')) return false;
  return !/\b(icmp|icmpv6)\b/.test(rule) && (protocol !== 'tcp' || !/\budp dport\b/.test(rule));
}
