import { type Diagnostic, diagnostic } from '../../diagnostic/diagnostic.js';
import type { Source, Span } from '../../diagnostic/source.js';
import { type Word, wordsOfLines } from '../classic/lines.js';
import { keyOf, type Located, type Path } from '../located.js';
import type { Edit } from './edit.js';
import {
  endOfLine,
  isBlank,
  isFirst,
  lineEnd,
  lineStart,
  linesBelow,
  type Splice,
  spliced,
  withoutLines,
  withoutPart,
} from './text.js';

/** A service as this form has it. */
interface ClassicService {
  readonly address: string;
  readonly protocol: string;
  readonly port: string | number;
  readonly scheduler: string;
  readonly servers: readonly ClassicServer[];
}

interface ClassicServer {
  readonly address: string;
  readonly weight?: number;
}

/** What a service's first line says. */
const WORDS = ['protocol', 'port', 'scheduler'];

/** The rest of a line with at most a comment. */
const NOTHING_ELSE = /^\s*(#.*)?$/;

/**
 * The text of an lvs.conf after an edit, all other lines byte for byte.
 *
 * @param located of a text that `readClassic` finds nothing wrong with
 * @returns the text, or why it cannot say that
 */
export function editClassic(located: Located, edit: Edit): string | Diagnostic {
  const splices = new ClassicEditor(located).edit(edit);
  return Array.isArray(splices) ? spliced(located.source.text, splices) : splices;
}

/** Where a service begins and ends, its braces with it. */
interface Block extends Span {
  readonly open: number;
}

class ClassicEditor {
  private readonly text: string;
  private readonly services: readonly ClassicService[];

  constructor(private readonly located: Located) {
    this.text = located.source.text;
    ({ services: this.services } = located.raw as { services: ClassicService[] });
  }

  edit({ at, put }: Edit): Splice[] | Diagnostic {
    const index = Number(at[1]);
    if (at[0] !== 'services') return this.beyond(at);
    if (at.length === 2) {
      if (put !== undefined) return this.addService(put as ClassicService);
      const { start, end } = this.block(index);
      return this.without({ start, end }, true);
    }
    if (at[2] === 'servers' && at.length === 4) {
      return put === undefined ? this.removeServer(at) : this.addServer(index, put as ClassicServer);
    }
    const isWord = typeof put === 'string' || typeof put === 'number';
    if (at.length !== 3 || !isWord || !WORDS.includes(String(at[2]))) return this.beyond(at);
    return [{ ...this.located.span(at), text: `${put}` }];
  }

  private addServer(index: number, server: ClassicServer): Splice[] {
    const { servers } = this.services[index]!;
    const last = servers.length - 1;
    const line = this.serverLine(server, index);
    if (last >= 0) return this.below(this.located.span(['services', index, 'servers', last]).end, line);
    return this.below(this.block(index).open + 1, line);
  }

  private removeServer(at: Path): Splice[] {
    return this.without(this.located.span(at), false);
  }

  /** Below the services of its VIP, or at the end with a `lvshost` of its own. */
  private addService(service: ClassicService): Splice[] {
    const index = this.services.findLastIndex(one => one.address === service.address);
    const last = index === -1 ? this.services.length - 1 : index;
    const { text } = this;
    const newline = endOfLine(text);
    const isApart = last < 1 || this.isBlankAbove(this.block(last).start);
    const block = [
      `service ${service.protocol} ${service.port} ${service.scheduler} {`,
      ...service.servers.map(one => this.serverLine(one, last)),
      '}',
    ];
    const blank = isApart ? [''] : [];
    if (index !== -1) {
      const { end } = this.block(index);
      if (NOTHING_ELSE.test(text.slice(end, lineEnd(text, end)))) {
        return [linesBelow(text, end, [...blank, ...block])];
      }
      return [{ start: end, end, text: ['', ...block].map(one => one + newline).join('') }];
    }
    const lines = [...blank, `lvshost ${service.address}`, ...blank, ...block];
    return [linesBelow(text, text.length, lines)];
  }

  /** As the servers above it are written, in this service or else in any. */
  private serverLine({ address, weight }: ClassicServer, index: number): string {
    const neighbour = this.neighbour(index);
    const { indent, gap } = neighbour ?? { indent: '\t', gap: '\t' };
    return indent + address + (weight === undefined ? '' : (gap ?? '\t') + String(weight));
  }

  private neighbour(index: number): { indent: string; gap?: string } | undefined {
    const { text, located } = this;
    const order = [index, ...this.services.keys()];
    for (const service of order) {
      const { length } = this.services[service]?.servers ?? [];
      for (let server = length - 1; server >= 0; server--) {
        const path = ['services', service, 'servers', server];
        const { start, end } = located.span([...path, 'address']);
        if (!isFirst(text, start)) continue;
        const indent = text.slice(lineStart(text, start), start);
        if (!located.declared([...path, 'weight'])) return { indent };
        return { indent, gap: text.slice(end, located.span([...path, 'weight']).start) };
      }
    }
    return undefined;
  }

  /** A line below the one of this place; where a brace stands on that, between the two. */
  private below(at: number, line: string): Splice[] {
    const { text } = this;
    const end = lineEnd(text, at);
    const rest = text.slice(at, end);
    if (NOTHING_ELSE.test(rest)) return [linesBelow(text, at, [line])];
    const newline = endOfLine(text);
    const blanks = rest.length - rest.trimStart().length;
    return [{ start: at, end: at + blanks, text: `${newline}${line}${newline}` }];
  }

  /** Whole lines, where nothing else stands on them. */
  private without({ start, end }: Span, isApart: boolean): Splice[] {
    const { text } = this;
    if (!isFirst(text, start) || !NOTHING_ELSE.test(text.slice(end, lineEnd(text, end)))) {
      return [{ start, end, text: '' }];
    }
    return [isApart ? withoutPart(text, start, end) : withoutLines(text, start, end)];
  }

  private block(index: number): Block {
    const { start, end } = this.located.span(['services', index]);
    const brace = (sign: string, from: number): Word => {
      for (const words of wordsOfLines(this.text.slice(lineStart(this.text, from)))) {
        const offset = lineStart(this.text, from);
        const found = words.find(word => word.text === sign && word.start + offset >= from);
        if (found) return { ...found, start: found.start + offset, end: found.end + offset };
      }
      throw new Error(`a service without ${sign}`);
    };
    const open = brace('{', end).start;
    return { start, open, end: brace('}', open).end };
  }

  private isBlankAbove(at: number): boolean {
    const start = lineStart(this.text, at);
    return start > 0 && isBlank(this.text, lineStart(this.text, start - 1), start);
  }

  private beyond(at: Path): Diagnostic {
    const index = Number(at[1]);
    const key = keyOf(at.slice(0, 3));
    const message = WORDS.includes(key)
      ? `a service of lvs.conf cannot be without ${key}`
      : key === 'address'
        ? 'the VIP of a service of lvs.conf is that of the lvshost above it, which others may share'
        : `a service of lvs.conf has no ${key}`;
    return beyondClassic(this.located.source, message, this.located.span(['services', index]));
  }
}

/** What only YAML can say. */
export function beyondClassic(source: Source, message: string, span?: Span): Diagnostic {
  return diagnostic('beyond-classic', {
    message,
    source,
    span,
    help: `turn the file into YAML: \`lvsctl import lvs.conf ${source.name}\` prints it, without comments`,
  });
}
