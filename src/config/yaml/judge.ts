import { type Alias, type Document, isAlias, isMap, isScalar, isSeq, type Node, type YAMLMap } from 'yaml';
import type { Code } from '../../diagnostic/codes.js';
import { type Diagnostic, diagnostic } from '../../diagnostic/diagnostic.js';
import { harmless, quote } from '../../diagnostic/quote.js';
import type { Source } from '../../diagnostic/source.js';
import { MOST_ERRORS } from './compose.js';
import { pairsOf } from './place.js';

/** The tags that only say what YAML would see anyway. */
const PLAIN_TAG = /^tag:yaml\.org,2002:(str|int|float|bool|null|map|seq)$/;

export interface Judgement {
  readonly diagnostics: readonly Diagnostic[];
  /** Whether plain data can be made of the document. */
  readonly usable: boolean;
  /** What each alias stands for. */
  readonly targets: ReadonlyMap<Alias, Node>;
}

/** What YAML allows and a description does not have: keys twice, keys that are no texts, tags, another version. */
export function judgeDocument(source: Source, document: Document.Parsed): Judgement {
  const judge = new Judge(source);
  const { explicit, version } = document.directives.yaml;
  if (explicit && version !== '1.2') {
    judge.refuse(null, `this says YAML ${version}; a description is YAML 1.2`, 'leave the %YAML line out');
  }
  judge.visit(document.contents);
  return judge;
}

class Judge implements Judgement {
  readonly diagnostics: Diagnostic[] = [];
  readonly targets = new Map<Alias, Node>();
  usable = true;
  private full = false;
  private readonly anchors = new Map<string, Node>();
  /** The collections around the node that is visited. */
  private readonly open = new Set<Node>();

  constructor(private readonly source: Source) {}

  visit(node: Node | null): void {
    if (this.full) return;
    if (isAlias(node)) return this.alias(node);
    if (node) this.properties(node);
    if (!isSeq(node) && !isMap(node)) return;
    this.open.add(node);
    if (isSeq(node)) for (const item of node.items) this.visit(item as Node | null);
    else this.pairs(node);
    this.open.delete(node);
  }

  /** What may stand in front of any value or key. */
  private properties(node: Exclude<Node, Alias>): void {
    if (node.anchor) this.anchors.set(node.anchor, node);
    if (!node.tag || PLAIN_TAG.test(node.tag)) return;
    const tag = node.tag.replace('tag:yaml.org,2002:', '!!');
    this.refuse(node, `the tag ${harmless(tag)} means nothing in a description`, 'leave it out');
  }

  private pairs(map: YAMLMap): void {
    const keys = new Set<string>();
    for (const { key, value } of pairsOf(map)) {
      if (this.full) return;
      this.key(key, keys);
      this.visit(value);
    }
  }

  refuse(node: Node | null, message: string, help: string): void {
    this.usable = false;
    this.add('yaml-syntax', node, message, help);
  }

  private alias(alias: Alias): void {
    const target = this.anchors.get(alias.source);
    const name = harmless(alias.source);
    if (target && this.open.has(target)) {
      this.usable = false;
      this.add('alias-bomb', alias, `*${name} stands inside &${name} itself`);
    } else if (target) this.targets.set(alias, target);
    else {
      this.refuse(
        alias,
        `nothing before this has the anchor &${name}`,
        'a text that begins with * needs quotes',
      );
    }
  }

  private key(key: Node | null, before: Set<string>): void {
    if (!isScalar(key) || key.value === null) {
      return this.refuse(key, 'a key must be a text', 'a text that begins with [, { or * needs quotes');
    }
    this.properties(key);
    // What JavaScript makes of it: 1 and "1" are one key there.
    const name = `${key.value as string | number | boolean}`;
    if (before.has(name)) this.add('duplicate-key', key, `the key ${quote(name)} stands twice in this map`);
    before.add(name);
  }

  private add(code: Code, node: Node | null, message: string, help?: string): void {
    const [start, end] = node?.range ?? [0, 0];
    const full = this.diagnostics.length === MOST_ERRORS - 1;
    const finding = full ? { message: 'more of this kind follow; they are not shown' } : { message, help };
    const span = { start, end };
    this.diagnostics.push(
      diagnostic(full ? 'too-many-errors' : code, { ...finding, source: this.source, span }),
    );
    if (!full) return;
    this.full = true;
    this.usable = false;
  }
}
