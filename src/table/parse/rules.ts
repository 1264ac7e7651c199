import type { Code } from '../../diagnostic/codes.js';
import { type Diagnostic, diagnostic } from '../../diagnostic/diagnostic.js';
import { quote } from '../../diagnostic/quote.js';
import type { Source, Span } from '../../diagnostic/source.js';
import { serviceKey } from '../../cluster/naming.js';
import { serverPlace } from '../identity.js';
import type { TableServer, TableService, Timeouts } from '../table.js';
import { type Options, optionName, readOptions, type Word } from './options.js';
import { type PortLookup, Values } from './values.js';

/** With so many problems it is no table: the rest is not read. */
const ENOUGH_PROBLEMS = 1000;

export interface RulesReading {
  readonly services: readonly TableService[];
  /** Where a line sets them. */
  readonly timeouts?: Timeouts;
  /** The line of each service and server. */
  readonly places: ReadonlyMap<TableService | TableServer, Span>;
  readonly diagnostics: readonly Diagnostic[];
}

interface Building extends Omit<TableService, 'servers'> {
  readonly servers: TableServer[];
}

/**
 * Rules of ipvsadm(8), as `ipvsadm -S` and `-Sn` print them and ipvsadm-restore(8) reads them: -A, -a and --set, each
 * on a line of its own; -C before the first; blank lines and lines that begin with #. Anything else is an error with
 * its place. Linear in the text.
 *
 * @param ports numbers for the names that `-S` without -n prints
 */
export function parseRules(source: Source, ports: PortLookup = () => undefined): RulesReading {
  const reader = new RulesReader(source, ports);
  const { text } = source;
  for (let start = 0; start < text.length && !reader.isFull; ) {
    const found = text.indexOf('\n', start);
    const end = found === -1 ? text.length : found;
    reader.line(start, end);
    start = end + 1;
  }
  return reader;
}

class RulesReader implements RulesReading {
  readonly services: Building[] = [];
  readonly places = new Map<TableService | TableServer, Span>();
  readonly diagnostics: Diagnostic[] = [];
  timeouts?: Timeouts;
  private readonly byKey = new Map<string, Building>();
  private readonly servers = new Set<string>();
  private readonly values: Values;

  constructor(
    private readonly source: Source,
    ports: PortLookup,
  ) {
    this.values = new Values(ports, (code, span, message, help) => this.error(code, span, message, help));
  }

  get isFull(): boolean {
    return this.diagnostics.length >= ENOUGH_PROBLEMS;
  }

  line(start: number, end: number): void {
    const text = this.source.text.slice(start, end);
    const words: Word[] = [];
    for (const match of text.matchAll(/\S+/g)) {
      const at = start + match.index;
      words.push({ text: match[0], start: at, end: at + match[0].length });
    }
    const [command, ...rest] = words;
    if (!command || command.text.startsWith('#')) return;
    const span = { start: command.start, end: words.at(-1)!.end };
    const name = optionName(command.text);
    if (name === '-A' || name === '-a') this.rule(name, rest, span);
    else if (name === '--set') this.set(rest, span);
    else if (name !== '-C' || rest.length > 0 || this.services.length > 0) this.unknown(command);
  }

  private unknown(command: Word): void {
    const message = `${quote(command.text)} does not describe a table: only -A, -a and --set can be read`;
    this.error('unknown-rule', command, message, 'save the table with ipvsadm -Sn');
  }

  private rule(command: '-A' | '-a', words: readonly Word[], span: Span): void {
    const options = readOptions(command, words);
    if ('unexpected' in options) {
      const { unexpected, why } = options;
      this.error('unknown-rule', unexpected, `${quote(unexpected.text)} is not understood: ${why}`);
    } else if (command === '-A') this.service(options, span);
    else this.server(options, span);
  }

  private service(options: Options, span: Span): void {
    const attributes = this.values.service(options, span);
    if (!attributes) return;
    const key = serviceKey(attributes.key);
    if (this.byKey.has(key)) {
      this.error('duplicate-service', span, `${key} is added a second time`);
      return;
    }
    const service: Building = { ...attributes, servers: [] };
    this.byKey.set(key, service);
    this.services.push(service);
    this.places.set(service, span);
  }

  private server(options: Options, span: Span): void {
    const key = this.values.key(options, span);
    if (!key) return;
    const service = this.byKey.get(serviceKey(key));
    if (!service) {
      const message = `no line above adds ${serviceKey(key)}, to which this server belongs`;
      this.error('server-without-service', span, message);
      return;
    }
    const server = this.values.server(options, key, span);
    if (!server) return;
    const place = serverPlace(key, server);
    if (this.servers.has(place)) {
      this.error('duplicate-server', span, 'the service has this server already');
      return;
    }
    this.servers.add(place);
    service.servers.push(server);
    this.places.set(server, span);
  }

  private set(words: readonly Word[], span: Span): void {
    const [tcp, tcpFin, udp] = words.map(({ text }) => (/^\d{1,9}$/.test(text) ? Number(text) : undefined));
    if (tcp === undefined || tcpFin === undefined || udp === undefined || words.length !== 3)
      this.error('unknown-rule', span, '--set takes three numbers of seconds: TCP, TCP after FIN, UDP');
    else this.timeouts = { tcp, tcpFin, udp };
  }

  private error(code: Code, span: Span, message: string, help?: string): void {
    this.diagnostics.push(diagnostic(code, { message, source: this.source, span, help }));
  }
}
