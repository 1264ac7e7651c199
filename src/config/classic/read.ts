import type { Code } from '../../diagnostic/codes.js';
import { type Diagnostic, diagnostic } from '../../diagnostic/diagnostic.js';
import { didYouMean, quote } from '../../diagnostic/quote.js';
import type { Source, Span } from '../../diagnostic/source.js';
import type { Located, Path } from '../located.js';
import { CLASSIC_KEYS, classicLabel } from './keys.js';
import { type Word, wordsOfLines } from './lines.js';

type Value = string | number | Value[] | { [key: string]: Value };

const SERVICE_FORM = 'service <tcp|udp|sctp> <port> <scheduler> {';

/** With so many problems it is no lvs.conf: the rest is not read. */
const ENOUGH_PROBLEMS = 1000;

/** What the classic form means where it says nothing. */
const CLASSIC_DEFAULTS = { checker: 'mon', polling: { schedule: '* * * * *', law: 'uptime' } };

/** lvs.conf → the same plain data as the YAML form, with the place of every word. Goes on after every error. */
export function readClassic(source: Source): { located?: Located; diagnostics: Diagnostic[] } {
  const reader = new ClassicReader(source);
  for (const words of wordsOfLines(source.text)) {
    reader.line(words);
    if (reader.isFull) return { diagnostics: reader.diagnostics };
  }
  reader.end();
  return { located: reader.located(), diagnostics: reader.diagnostics };
}

class ClassicReader {
  readonly diagnostics: Diagnostic[] = [];
  private readonly raw: { [key: string]: Value } = { version: 1, ...structuredClone(CLASSIC_DEFAULTS) };
  private readonly services: Value[] = [];
  private readonly spans = new Map<string, Span>();
  /** `unclear` where a line was meant to give it and cannot be read: that has been reported. */
  private vip: Word | 'unclear' | undefined;
  /** The service whose header was read: its servers while `open`, before that its brace is awaited. */
  private service: { header: Span; servers: Value[]; index: number; open: boolean } | undefined;
  /** An unknown line may begin a block: it is passed over whole, so that one slip is one error. */
  private unknownBlock: 'none' | 'possible' | 'open' = 'none';
  /** Closing braces that belong to something already reported. */
  private owed = 0;

  constructor(private readonly source: Source) {}

  get isFull(): boolean {
    return this.diagnostics.length >= ENOUGH_PROBLEMS;
  }

  line(words: readonly Word[]): void {
    let start = 0;
    for (const [index, word] of words.entries()) {
      if (this.isFull) return;
      if (word.text !== '{' && word.text !== '}') continue;
      if (start < index) this.statement(words.slice(start, index));
      this.brace(word);
      start = index + 1;
    }
    if (start < words.length) this.statement(words.slice(start));
  }

  end(): void {
    if (this.service?.open) this.unclosed('this service is never closed');
    else if (this.service) this.unopened(this.service.header);
  }

  located(): Located {
    this.raw['services'] = this.services;
    const { raw, source, spans } = this;
    return {
      source,
      form: 'classic',
      raw,
      span(path) {
        for (let length = path.length; length > 0; length--) {
          const found = spans.get(path.slice(0, length).join('\0'));
          if (found) return found;
        }
        return { start: 0, end: 0 };
      },
      declared: path => spans.has(path.join('\0')),
      label: path => classicLabel(path) ?? String(path.findLast(step => typeof step === 'string')),
    };
  }

  private statement(words: readonly Word[]): void {
    const [first] = words;
    const isService = first!.text === 'service';
    const begins = isService || Object.hasOwn(CLASSIC_KEYS, first!.text);
    if (this.unknownBlock === 'open' && !begins) return;
    this.unknownBlock = 'none';
    if (this.service && !this.service.open) {
      this.unopened(this.service.header);
      // A forgotten brace: what follows are its servers all the same.
      if (begins) this.service = undefined;
      else this.service.open = true;
    } else if (this.service && begins) {
      this.unclosed(`this service is not closed before line ${this.source.place(first!.start).line}`);
      this.owed++;
      this.service = undefined;
    }
    if (this.service) this.server(words);
    else if (isService) this.header(words);
    else this.key(words);
  }

  private unopened(header: Span): void {
    this.error(
      'unclosed-service',
      header,
      'this service has no { … } with its servers',
      `write ${SERVICE_FORM}`,
    );
  }

  private unclosed(message: string): void {
    this.error('unclosed-service', this.service!.header, message, 'close it with } on a line of its own');
  }

  private brace(brace: Word): void {
    if (brace.text === '{' && this.service && !this.service.open) this.service.open = true;
    else if (brace.text === '}' && this.service?.open) this.service = undefined;
    else if (brace.text === '{' && this.unknownBlock === 'possible') this.unknownBlock = 'open';
    else if (brace.text === '}' && this.unknownBlock === 'open') this.unknownBlock = 'none';
    else if (brace.text === '}' && this.owed > 0) this.owed--;
    else {
      if (brace.text === '{') this.owed++;
      const message = brace.text === '{' ? 'this { opens nothing' : 'this } closes nothing';
      this.error('unexpected-brace', brace, message, `a service is written ${SERVICE_FORM}, its servers, }`);
    }
  }

  private key([word, ...values]: readonly Word[]): void {
    const known = Object.hasOwn(CLASSIC_KEYS, word!.text) ? CLASSIC_KEYS[word!.text] : undefined;
    if (!known) return this.unknown(word!);
    const many = known.words.at(-1) === '…';
    const least = known.words.length - (many ? 1 : 0);
    if (word!.text === 'lvshost') this.vip = 'unclear';
    if (values.length < least || (!many && values.length > least)) {
      const form = `${word!.text} ${known.words.map(name => (name === '…' ? name : `<${name}>`)).join(' ')}`;
      const message =
        values.length < least ? `${word!.text} lacks a value` : `${word!.text} has too many values`;
      return this.error('wrong-word-count', around([word!, ...values]), message, `write ${form}`);
    }
    if (word!.text === 'lvshost') this.vip = values[0];
    else if (word!.text === 'director') this.director(around([word!, ...values]), values);
    else this.set(word!, known.path, values);
  }

  private set(key: Word, path: Path, values: readonly Word[]): void {
    if (this.spans.has(path.join('\0'))) {
      return this.error('duplicate-key', key, `${key.text} stands twice`, 'keep the one that is meant');
    }
    const isList = key.text === 'mailto';
    const joined = key.text === 'poll' ? values.map(word => word.text).join(' ') : values[0]!.text;
    const holder = path.slice(0, -1).reduce<{ [key: string]: Value }>((map, step) => {
      return (map[step] ??= {}) as { [key: string]: Value };
    }, this.raw);
    holder[path.at(-1)!] = isList ? values.map(word => word.text) : joined;
    this.mark(path, around(values));
    if (isList) for (const [index, word] of values.entries()) this.mark([...path, index], word);
  }

  private director(span: Span, [name, address, networkInterface]: readonly Word[]): void {
    const directors = (this.raw['directors'] ??= []) as Value[];
    const path = ['directors', directors.length];
    directors.push({ name: name!.text, address: address!.text, interface: networkInterface!.text });
    this.mark(path, span);
    this.mark([...path, 'name'], name!);
    this.mark([...path, 'address'], address!);
    this.mark([...path, 'interface'], networkInterface!);
  }

  private header(words: readonly Word[]): void {
    const index = this.services.length;
    const header = around(words);
    const servers: Value[] = [];
    const service: { [key: string]: Value } = { servers };
    const path = ['services', index];
    this.mark(path, header);
    this.service = { header, servers, index, open: false };
    const { vip } = this;
    if (vip === undefined) {
      this.error(
        'service-before-lvshost',
        header,
        'this service has no VIP yet',
        'put lvshost <VIP> before it',
      );
    } else if (vip !== 'unclear') {
      service['address'] = vip.text;
      this.mark([...path, 'address'], vip);
    }
    if (words.length !== 4) {
      const fault = words.length < 4 ? 'lacks words' : 'has too many words';
      return this.error('wrong-word-count', header, `this service ${fault}`, `write ${SERVICE_FORM}`);
    }
    for (const [position, key] of ['protocol', 'port', 'scheduler'].entries()) {
      const word = words[position + 1]!;
      service[key] = key === 'port' ? number(word.text) : word.text;
      this.mark([...path, key], word);
    }
    if (service['address'] !== undefined) this.services.push(service);
  }

  private server(words: readonly Word[]): void {
    const [address, weight] = words;
    const service = this.service!;
    const path = ['services', service.index, 'servers', service.servers.length];
    if (words.length > 2) {
      return this.error(
        'wrong-word-count',
        around(words),
        'this server has too many words',
        'write <RIP> <weight>',
      );
    }
    service.servers.push({ address: address!.text, ...(weight ? { weight: number(weight.text) } : {}) });
    this.mark(path, around(words));
    this.mark([...path, 'address'], address!);
    if (weight) this.mark([...path, 'weight'], weight);
  }

  private unknown(word: Word): void {
    const known = [...Object.keys(CLASSIC_KEYS), 'service'];
    const similar = didYouMean(word.text, known);
    const help = similar ? `did you mean ${quote(similar)}?` : `known keys: ${known.join(', ')}`;
    this.unknownBlock = 'possible';
    if (similar === 'lvshost') this.vip = 'unclear';
    this.error('unknown-line', word, `${quote(word.text)} is neither a key nor a service`, help);
  }

  private mark(path: Path, span: Span): void {
    this.spans.set(path.join('\0'), span);
  }

  private error(code: Code, span: Span, message: string, help: string): void {
    this.diagnostics.push(diagnostic(code, { message, help, span, source: this.source }));
  }
}

function around(words: readonly Span[]): Span {
  return { start: words[0]!.start, end: words.at(-1)!.end };
}

/** Decimal numbers as numbers; all else stays text and is judged with the other values. */
function number(text: string): string | number {
  return /^\d{1,9}$/.test(text) ? Number(text) : text;
}
