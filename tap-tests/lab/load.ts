import type { Host } from '../../src/lab/lab.js';

/** What a client got from a web server in some seconds. */
export interface Rate {
  /** Answered requests a second. */
  readonly requests: number;
  /** Connections a second that were asked for. */
  readonly connections: number;
  /** Connections that were refused or reset, time-outs, and answers other than 2xx. */
  readonly errors: number;
}

/** A new connection for each request, or the same ones all the time. */
export type Manner = 'connections' | 'requests';

/** Connections at a time, with which all servers together are kept busy. */
const AT_A_TIME = 9;

/** Starts nginx, with one page of 4 KiB on each of the ports. */
export async function serveWeb(host: Host, ports: readonly number[]): Promise<void> {
  const listen = ports.map(port => `listen ${port};`).join(' ');
  const configuration = `worker_processes 1; error_log /tmp/nginx.log; pid /run/nginx.pid;
    events { worker_connections 512; }
    http { access_log off; keepalive_requests 1000000; server { ${listen} root /tmp/www; } }`;
  await host.sh('mkdir /tmp/www; head -c 4096 /dev/zero | tr "\\0" x >/tmp/www/index.html');
  await host.sh('cat >/tmp/nginx.conf && nginx -c /tmp/nginx.conf', configuration);
}

/** Lets all cards of a host send only so much, its cables being faster than any card. */
export async function limitCards(host: Host, megabits: number): Promise<void> {
  const limit = `root tbf rate ${megabits}mbit burst 8kb limit 400kb`;
  await host.sh(host.plan.links.map(link => `tc qdisc replace dev ${link.interface} ${limit}`).join(' && '));
}

/** Takes that away again. */
export async function unlimitCards(host: Host): Promise<void> {
  await host.sh(host.plan.links.map(link => `tc qdisc del dev ${link.interface} root`).join(' && '));
}

/** Lets a client ask as fast as it is answered. */
export async function load(client: Host, url: string, manner: Manner, seconds: number): Promise<Rate> {
  const close = manner === 'connections' ? '-H "Connection: close"' : '';
  const counters = 'grep ^Tcp: /proc/net/snmp';
  // wrk does not tell of refused connections: it tries again. The kernel counts them.
  const text = await client.sh(
    `${counters}; wrk -t 1 -c ${AT_A_TIME} -d ${seconds}s ${close} ${url} && ${counters}`,
  );
  const [before, after] = tcpCounters(text);
  const gone = (name: string): number => after![name]! - before![name]!;
  const told = [...text.matchAll(/(?:connect|read|write|timeout|Non-2xx or 3xx responses:) (\d+)/g)];
  const [, requests, took] = /(\d+) requests in ([\d.]+)s/.exec(text)!;
  const errors = told.reduce((sum, [, count]) => sum + Number(count), 0);
  return {
    requests: round(Number(requests) / Number(took)),
    connections: round(gone('ActiveOpens') / Number(took)),
    errors: errors + gone('AttemptFails'),
  };
}

/** The pairs of lines in which the kernel gives names and values, each time that they were printed. */
function tcpCounters(text: string): Record<string, number>[] {
  const lines = [...text.matchAll(/^Tcp: (.*)$/gm)].map(line => line[1]!.split(' '));
  return lines.flatMap((names, index) => {
    const values = lines[index + 1];
    if (index % 2 === 1 || !values) return [];
    return [Object.fromEntries(names.map((name, column) => [name, Number(values[column])]))];
  });
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
