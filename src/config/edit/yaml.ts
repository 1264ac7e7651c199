import { type Alias, isAlias, isMap, isSeq, type Node, type YAMLMap, type YAMLSeq } from 'yaml';
import { type Diagnostic, diagnostic } from '../../diagnostic/diagnostic.js';
import { harmless } from '../../diagnostic/quote.js';
import type { Source } from '../../diagnostic/source.js';
import { keyOf, type Path } from '../located.js';
import { compose } from '../yaml/compose.js';
import { judgeDocument } from '../yaml/judge.js';
import { pairsOf } from '../yaml/place.js';
import { appendBlock, insertPair, type Place, putPair, removeItem, removePair } from './block.js';
import type { Edit } from './edit.js';
import { appendFlow, flowOf, insertFlow, removeFlow } from './flow.js';
import { contentEnd, isFlow, itemsOf, type Pair, pairEnd, within } from './nodes.js';
import { type Splice, spliced } from './text.js';
import { flowText } from './value.js';

/**
 * The text of a description in YAML after an edit, all that has no part in it byte for byte. What stands for several
 * places by an anchor is not edited.
 *
 * @param source that `readYaml` finds nothing wrong with
 * @returns the text, or why not
 */
export function editYaml(source: Source, edit: Edit): string | Diagnostic {
  const { document } = compose(source.text);
  const { targets } = judgeDocument(source, document!);
  const editor = new YamlEditor(source, targets);
  const splices = editor.edit(document!.contents!, edit);
  return Array.isArray(splices) ? spliced(source.text, splices) : splices;
}

type Result = Splice[] | Diagnostic;

class YamlEditor {
  private readonly aliased: ReadonlySet<Node>;
  private readonly text: string;

  constructor(
    private readonly source: Source,
    private readonly targets: ReadonlyMap<Alias, Node>,
  ) {
    this.text = source.text;
    this.aliased = new Set(targets.values());
  }

  edit(root: Node, { at, put }: Edit): Result {
    const places: Place[] = [{ node: root }];
    for (const step of at.slice(0, -1)) {
      const { node } = places.at(-1)!;
      const shared = this.sharing(node);
      if (shared) return shared;
      const place = placeIn(node, step);
      if (!place) return this.odd(root, at);
      places.push(place);
    }
    const holder = places.at(-1)!;
    const shared = this.sharing(holder.node);
    if (shared) return shared;
    const step = at.at(-1)!;
    if (isSeq(holder.node)) return this.list(holder, holder.node, Number(step), at, put);
    if (isMap(holder.node)) return this.map(holder.node, String(step), at, put);
    return this.odd(holder.node ?? root, at);
  }

  private list(place: Place, list: YAMLSeq, index: number, at: Path, put: unknown): Result {
    const { text } = this;
    const isService = at.length === 2;
    if (put !== undefined) {
      if (!isFlow(list) || (isService && list.items.length === 0)) {
        return appendBlock(text, place, list, put, isService) ?? this.odd(list, at);
      }
      return appendFlow(text, this.flow(list), this.like(list, put));
    }
    const lost = this.losing(itemsOf(list)[index] ?? null);
    if (lost) return lost;
    if (isFlow(list)) return removeFlow(text, this.flow(list), index);
    return removeItem(text, place, list, index, isService) ?? this.odd(list, at);
  }

  private map(map: YAMLMap, key: string, at: Path, put: unknown): Result {
    const { text } = this;
    const pairs = pairsOf(map);
    const index = indexOf(pairs, key);
    const old = pairs[index];
    if (!old && put === undefined) return [];
    const lost = this.losing(old?.value ?? null);
    if (lost) return lost;
    if (old && put !== undefined) return putPair(text, old, put) ?? this.odd(map, at);
    if (old) {
      if (isFlow(map)) return removeFlow(text, this.flow(map), index);
      return removePair(text, map, index) ?? this.odd(map, at);
    }
    // What a service is stands above what it consists of.
    const servers = at.length === 3 ? indexOf(pairs, 'servers') : -1;
    if (!isFlow(map)) return insertPair(text, map, servers, key, put) ?? this.odd(map, at);
    const what = `${flowText(key)}: ${this.like(map, put)}`;
    const flow = this.flow(map);
    return servers === -1 ? appendFlow(text, flow, what) : insertFlow(flow, servers, what);
  }

  private flow(node: YAMLMap | YAMLSeq): ReturnType<typeof flowOf> {
    const [start] = node.range!;
    const ends = isMap(node)
      ? pairsOf(node).map(pair => pairEnd(this.text, pair))
      : itemsOf(node).map(item => contentEnd(this.text, item!));
    return flowOf(this.text, start, contentEnd(this.text, node), ends);
  }

  /** The value as text, with blanks inside its brackets where those around it have them. */
  private like({ range }: Node, value: unknown): string {
    return flowText(value, !/^[[{]\S/.test(this.text.slice(range![0], range![0] + 2)));
  }

  /** Refuses what other places of the description are, too. */
  private sharing(node: Node | null): Diagnostic | undefined {
    if (isAlias(node))
      return this.shared(node, `*${harmless(node.source)} stands for other places of the file, too`);
    if (!node || !this.aliased.has(node)) return undefined;
    const { anchor = '' } = node as { readonly anchor?: string };
    return this.shared(node, `&${harmless(anchor)} stands for other places of the file, too`);
  }

  /** Refuses to take away what has an anchor that is used elsewhere. */
  private losing(gone: Node | null): Diagnostic | undefined {
    const inside = new Set(within(gone));
    const kept = [...this.targets].find(([alias, target]) => inside.has(target) && !inside.has(alias));
    if (!kept) return undefined;
    return this.shared(kept[1], `&${harmless(kept[0].source)} would go, which other places of the file need`);
  }

  private shared(node: Node, message: string): Diagnostic {
    return diagnostic('shared-value', {
      message,
      source: this.source,
      span: { start: node.range![0], end: Math.min(contentEnd(this.text, node), this.lineEnd(node)) },
      help: 'edit the file by hand, or write the value out where it is to differ; then `lvsctl apply`',
    });
  }

  private odd(node: Node, at: Path): Diagnostic {
    return notEditable(this.source, at, { start: node.range![0], end: this.lineEnd(node) });
  }

  private lineEnd({ range }: Node): number {
    const newline = this.text.indexOf('\n', range![0]);
    return newline === -1 ? this.text.length : newline;
  }
}

/** What cannot be edited without touching more than is meant. */
export function notEditable(source: Source, at: Path, span: { start: number; end: number }): Diagnostic {
  return diagnostic('not-editable', {
    message: `${keyOf(at)} is written in a way that lvsctl does not edit`,
    source,
    span,
    help: 'edit the file by hand, then `lvsctl apply`',
  });
}

function placeIn(node: Node | null, step: string | number): Place | undefined {
  if (isSeq(node)) return { node: itemsOf(node)[Number(step)] ?? null };
  if (!isMap(node)) return undefined;
  const pairs = pairsOf(node);
  const pair = pairs[indexOf(pairs, String(step))];
  return pair && { node: pair.value, pair, ...(isFlow(node) ? {} : { map: node }) };
}

function indexOf(pairs: readonly Pair[], key: string): number {
  return pairs.findIndex(pair => String((pair.key as { value?: unknown } | null)?.value) === key);
}
