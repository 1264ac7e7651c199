import type { Check, CheckType } from '../../cluster/check.js';
import { seconds } from '../../cluster/duration.js';
import { entrances } from '../../cluster/naming.js';
import type { Server, Service } from '../../cluster/service.js';
import { commandLine, literalPattern } from './quote.js';

/** The health check of one real server, as the template names its parts; null for what it does not have. */
export interface CheckView {
  readonly keyword: string;
  /** Seconds, as all times here. */
  readonly interval: string;
  /** Null for a script, which has one of its own. */
  readonly timeout: string | null;
  readonly retries: number;
  /** For checks that connect. */
  readonly port: number | null;
  /** The Host header. */
  readonly host: string | null;
  /** Whether that name is also asked for in TLS. */
  readonly sni: boolean;
  readonly url: { readonly path: string; readonly status: string; readonly pattern: string | null } | null;
  /** The name that a DNS server is asked for. */
  readonly question: string | null;
  readonly script: { readonly words: string; readonly timeout: number } | null;
}

const KEYWORDS: Readonly<Record<Exclude<CheckType, 'none'>, string>> = {
  tcp: 'TCP_CHECK',
  http: 'HTTP_GET',
  https: 'SSL_GET',
  smtp: 'SMTP_CHECK',
  dns: 'DNS_CHECK',
  ping: 'PING_CHECK',
  script: 'MISC_CHECK',
};

/** Null where the service is not checked. */
export function checkView(service: Service, server: Server): CheckView | null {
  const { check } = service;
  if (check.type === 'none') return null;
  const connects = check.type !== 'ping' && check.type !== 'script';
  const web = check.type === 'http' || check.type === 'https';
  const port = checkedPort(service, server);
  return {
    keyword: KEYWORDS[check.type],
    interval: seconds(check.interval),
    timeout: check.type === 'script' ? null : seconds(check.timeout),
    retries: check.retries,
    port: connects ? port : null,
    host: web ? (check.host ?? null) : null,
    sni: check.type === 'https' && check.host !== undefined,
    url: web ? urlView(check) : null,
    // A last dot, which names may have, is an empty label to keepalived.
    question: check.type === 'dns' ? (check.host?.replace(/\.$/, '') ?? null) : null,
    script: check.type === 'script' ? scriptView(check, service, server, port) : null,
  };
}

function urlView({ path, status, expect }: Check): CheckView['url'] {
  return {
    path: path ?? '/',
    // keepalived's own default ends at 299.
    status: status ? status.join(' ') : '200-399',
    pattern: expect === undefined ? null : literalPattern(expect),
  };
}

function scriptView(check: Check, service: Service, server: Server, port: number): CheckView['script'] {
  // keepalived knows whole seconds here only.
  const timeout = Math.ceil(check.timeout / 1000);
  return { words: commandLine(check.command ?? [], service, server, port), timeout };
}

/** The check's own port, else the server's; under a mark, whose servers mostly have none, the first that is marked. */
export function checkedPort(service: Service, server: Server): number {
  return service.check.port ?? (server.port === 0 ? entrances(service)[0]!.port : server.port);
}
