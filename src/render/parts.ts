type Statement = hbs.AST.Statement;

/** `{{> NAME}}`: what the template of that name says stands here, of the same fields. */
export interface Part extends hbs.AST.PartialStatement {
  name: hbs.AST.PathExpression;
}

/**
 * A template with its parts in their places. Parts have none of their own, so nothing goes round in circles.
 *
 * @param read the statements of a part
 */
export function withParts(
  tree: hbs.AST.Program,
  read: (part: Part) => readonly Statement[],
): hbs.AST.Program {
  const whole = (program: hbs.AST.Program): hbs.AST.Program => ({
    ...program,
    body: program.body.flatMap(one => (isPart(one) ? read(one) : [isBlock(one) ? inside(one) : one])),
  });
  const inside = (block: hbs.AST.BlockStatement): hbs.AST.BlockStatement => ({
    ...block,
    program: block.program && whole(block.program),
    inverse: block.inverse && whole(block.inverse),
  });
  return whole(tree);
}

/** Only one of a fixed name and without words of its own. */
function isPart(node: Statement): node is Part {
  if (node.type !== 'PartialStatement') return false;
  const { name, params, hash } = node as hbs.AST.PartialStatement;
  const kind: string = name.type;
  return kind === 'PathExpression' && params.length === 0 && !hash;
}

function isBlock(node: Statement): node is hbs.AST.BlockStatement {
  return node.type === 'BlockStatement';
}
