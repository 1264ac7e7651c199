import { didYouMean } from '../diagnostic/quote.js';
import type { Shape } from './shape.js';

type Node = hbs.AST.Node;
type Expression = hbs.AST.Expression;

/**
 * What a template names that its view-model does not have, as `FILE:LINE:COLUMN: message`. Handlebars' own strict mode
 * misses the arguments of blocks and helpers.
 */
export function lint(tree: hbs.AST.Program, shape: Shape, helpers: readonly string[]): string[] {
  const linter = new Linter(shape, helpers);
  linter.program(tree, [shape]);
  return linter.problems;
}

/** The scopes around a place, innermost last: what `this` is, and what `../` leads to. */
type Scopes = readonly Shape[];

class Linter {
  readonly problems: string[] = [];

  constructor(
    private readonly root: Shape,
    private readonly helpers: readonly string[],
  ) {}

  program(program: hbs.AST.Program, scopes: Scopes): void {
    for (const statement of program.body) this.statement(statement, scopes);
  }

  private statement(node: Node, scopes: Scopes): void {
    if (node.type === 'MustacheStatement') {
      const { path, params, hash } = node as hbs.AST.MustacheStatement;
      this.call(path, params, hash, scopes);
    } else if (node.type === 'BlockStatement') this.block(node as hbs.AST.BlockStatement, scopes);
    else if (node.type.startsWith('Partial'))
      this.problem(node, 'a part is {{> NAME}} alone, and has no parts of its own');
  }

  private block(node: hbs.AST.BlockStatement, scopes: Scopes): void {
    const name = node.path.original;
    const [subject] = node.params;
    if (name !== 'each' && name !== 'with' && name !== 'if' && name !== 'unless') {
      return this.problem(node, `there is no block ${name}; known: each, if, unless, with`);
    }
    const found = subject ? this.expression(subject, scopes) : undefined;
    let inner: Scopes = scopes;
    if (name === 'each' && found) inner = [...scopes, found.kind === 'list' ? found.element : found];
    if (name === 'with' && found) inner = [...scopes, found];
    this.program(node.program, inner);
    if (node.inverse) this.program(node.inverse, scopes);
  }

  private call(
    path: Expression,
    params: readonly Expression[],
    hash: hbs.AST.Hash | undefined,
    scopes: Scopes,
  ): void {
    for (const pair of hash?.pairs ?? []) this.expression(pair.value, scopes);
    if (params.length === 0) {
      this.expression(path, scopes);
      return;
    }
    const name = (path as hbs.AST.PathExpression).original;
    if (!this.helpers.includes(name)) {
      this.problem(path, `there is no helper ${name}; known: ${this.helpers.join(', ')}`);
    }
    for (const param of params) this.expression(param, scopes);
  }

  private expression(node: Expression, scopes: Scopes): Shape | undefined {
    if (node.type === 'SubExpression') {
      const { path, params, hash } = node as hbs.AST.SubExpression;
      this.call(path, params, hash, scopes);
      return undefined;
    }
    return node.type === 'PathExpression' ? this.path(node as hbs.AST.PathExpression, scopes) : undefined;
  }

  private path(node: hbs.AST.PathExpression, scopes: Scopes): Shape | undefined {
    let parts = node.parts;
    let shape: Shape | undefined = scopes.at(-1 - node.depth);
    if (node.data) {
      if (parts[0] !== 'root') return undefined;
      [shape, parts] = [this.root, parts.slice(1)];
    }
    for (const part of parts) {
      if (shape?.kind === 'list' && part === 'length') return undefined;
      const next: Shape | undefined = shape?.kind === 'map' ? shape.fields.get(part) : undefined;
      if (!next) {
        const known = shape?.kind === 'map' ? [...shape.fields.keys()] : [];
        const similar = didYouMean(part, known);
        const hint = similar
          ? `; did you mean ${similar}?`
          : known.length > 0
            ? `; known: ${known.join(', ')}`
            : '';
        this.problem(node, `there is no field ${node.original}${hint}`);
        return undefined;
      }
      shape = next;
    }
    return shape;
  }

  private problem(node: Node, message: string): void {
    const { line, column } = node.loc.start;
    this.problems.push(`${node.loc.source}:${line}:${column + 1}: ${message}`);
  }
}
