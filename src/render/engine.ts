import Handlebars from 'handlebars';
import { quote } from '../diagnostic/quote.js';
import { lint } from './lint.js';
import { withParts } from './parts.js';
import type { Shape } from './shape.js';
import { shellQuote } from './shell-quote.js';

/** The text of a template or program by its name, such as `mon/mon.cf.hbs`. */
export interface Texts {
  /** Undefined where there is none of this name. */
  text(name: string): string | undefined;
  /** The path that messages give for it. */
  where(name: string): string;
  /** Whether it is no packaged one, whose names the tests have checked. */
  isOwn(name: string): boolean;
}

/** A template that cannot be used: it does not parse, or names a field or helper that does not exist. */
export class TemplateError extends Error {
  override readonly name = 'TemplateError';
}

const HELPERS: Readonly<Record<string, (...args: never[]) => unknown>> = {
  shellQuote: (value: unknown) => shellQuote(String(value)),
  join: (words: readonly unknown[], separator: string) => words.join(separator),
};

/** The parser's message with its place in front: `:2:5: …`, or `:2: …` where the parser points past the line. */
function parseProblem({ message }: Error, source: string): string {
  const [, text, at] = /^(.*) - (\d+:\d+)$/.exec(message) ?? [];
  if (text !== undefined) return `:${at}: ${text}`;
  const [, line, pointer] =
    /^(?:Parse|Lexical) error on line (\d+)[^\n]*(?:\n.*\n(-*)\^)?/.exec(message) ?? [];
  if (line === undefined) return `: ${message.split('\n')[0]}`;
  const lines = source.replace(/\n$/, '').split('\n');
  const number = Math.min(Number(line), lines.length);
  const column = (pointer?.length ?? Number.POSITIVE_INFINITY) + 1;
  const place = column <= lines[number - 1]!.length ? `${number}:${column}` : `${number}`;
  return `:${place}: the template cannot be parsed here, or what it opens is never closed`;
}

/** Fills templates strictly: unknown fields and helpers are errors, nothing is escaped for HTML. */
export class Engine {
  private readonly handlebars = Handlebars.create();
  private readonly compiled = new Map<string, (view: object) => string>();
  private known: ReadonlyMap<string, Shape> | undefined;

  /** @param shapes what each template may name, by template; asked only for those of the administrator's own */
  constructor(
    private readonly texts: Texts,
    private readonly shapes: () => ReadonlyMap<string, Shape>,
  ) {
    for (const [name, helper] of Object.entries(HELPERS)) {
      this.handlebars.registerHelper(name, helper as Handlebars.HelperDelegate);
    }
  }

  /** @throws TemplateError */
  fill(template: string, view: object): string {
    let fill = this.compiled.get(template);
    if (!fill) {
      fill = this.compile(template);
      this.compiled.set(template, fill);
    }
    return fill(view);
  }

  /** A text that is no template. @throws TemplateError where there is none */
  program(name: string): string {
    return this.source(name);
  }

  private compile(template: string): (view: object) => string {
    let isOwn = this.texts.isOwn(template);
    const tree = withParts(this.parse(template), ({ name, loc }) => {
      const part = name.original;
      if (this.texts.text(part) === undefined) {
        const { line, column } = loc.start;
        throw new TemplateError(`${loc.source}:${line}:${column + 1}: there is no template ${quote(part)}`);
      }
      isOwn ||= this.texts.isOwn(part);
      return this.parse(part).body;
    });
    const where = this.texts.where(template);
    const shape = isOwn ? this.shapeOf(template) : undefined;
    const problems = shape ? lint(tree, shape, Object.keys(HELPERS)) : [];
    if (problems.length > 0) throw new TemplateError(problems.join('\n'));
    const knownHelpers = Object.fromEntries(Object.keys(HELPERS).map(name => [name, true]));
    const fill = this.handlebars.compile(tree, {
      noEscape: true,
      strict: true,
      preventIndent: true,
      knownHelpersOnly: true,
      knownHelpers,
    });
    return view => {
      try {
        return fill(view);
      } catch (error) {
        throw new TemplateError(`${where}: ${(error as Error).message}`);
      }
    };
  }

  /** Places in it name the file. */
  private parse(template: string): hbs.AST.Program {
    const source = this.source(template);
    const where = this.texts.where(template);
    try {
      return Handlebars.parse(source, { srcName: where });
    } catch (error) {
      throw new TemplateError(`${where}${parseProblem(error as Error, source)}`);
    }
  }

  private shapeOf(template: string): Shape | undefined {
    this.known ??= this.shapes();
    return this.known.get(template);
  }

  private source(name: string): string {
    const text = this.texts.text(name);
    if (text === undefined) throw new TemplateError(`${this.texts.where(name)}: there is no such template`);
    return text;
  }
}
