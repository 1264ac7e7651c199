import { familyOf } from '../../cluster/address.js';
import { seconds } from '../../cluster/duration.js';
import { entrances } from '../../cluster/naming.js';
import type { Server, Service } from '../../cluster/service.js';

/**
 * A word as mon reads it (Text::ParseWords): plain where nothing in it is special, else in double quotes, in which
 * only the backslash and the quote itself need one. Single quotes would keep backslashes.
 */
export function monWord(text: string): string {
  return /^[A-Za-z0-9_./:@%+,=-]+$/.test(text) ? text : `"${text.replace(/[\\"]/g, '\\$&')}"`;
}

/** The monitor that asks this server, with its arguments; mon adds the address at the end unless `;;` is there. */
export function monitorLine(service: Service, server: Server): string {
  const { check } = service;
  const port = String(check.port ?? (server.port === 0 ? entrances(service)[0]!.port : server.port));
  const timeout = seconds(check.timeout);
  switch (check.type) {
    case 'ping':
      // fping's own time-out in milliseconds, and the fewest repetitions that fping.monitor takes.
      return `fping.monitor -r 1 -t ${check.timeout}`;
    case 'tcp':
      // mon's monitor knows IPv4 only, and takes a time-out below a second for none at all.
      return familyOf(server.address) === 'ipv4' && check.timeout % 1000 === 0
        ? `tcp.monitor -p ${port} -t ${timeout}`
        : own('tcp', '--port', port, '--timeout', timeout);
    case 'http':
    case 'https':
      return own(
        check.type,
        '--port',
        port,
        '--timeout',
        timeout,
        '--path',
        check.path ?? '/',
        ...(check.host === undefined ? [] : ['--host', check.host]),
        ...(check.status === undefined ? [] : ['--status', check.status.join(',')]),
        ...(check.expect === undefined ? [] : ['--expect', check.expect]),
      );
    case 'smtp':
      return own('smtp', '--port', port, '--timeout', timeout);
    case 'dns':
      return own('dns', '--port', port, '--timeout', timeout, '--name', check.host ?? '.');
    case 'script': {
      const words = scriptWords(check.command ?? [], service, server, port);
      return `${own('script', '--timeout', timeout, '--address', server.address, '--', ...words)} ;;`;
    }
    case 'none':
      throw new Error('a service without a check has no monitor');
  }
}

function own(type: string, ...words: string[]): string {
  return ['lvs.monitor', '--type', type, ...words.map(monWord)].join(' ');
}

/** The words of a check's command with `{address}`, `{port}` and `{service}` filled in. */
export function scriptWords(
  command: readonly string[],
  service: Service,
  server: Server,
  port: string,
): string[] {
  const values: Readonly<Record<string, string>> = { address: server.address, port, service: service.name };
  return command.map(word => word.replace(/\{(address|port|service)\}/g, (_, key: string) => values[key]!));
}
