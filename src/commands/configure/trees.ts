import { type Order, outlines } from '../../install/host-trees.js';
import type { Tree } from '../../install/tree.js';
import { Engine, type Texts } from '../../render/engine.js';
import { renderOutputs } from '../../render/render.js';
import { templateShapes } from '../../render/targets.js';
import type { Files } from '../../system/ports.js';

/**
 * Everything that was ordered, rendered.
 *
 * @param origin what the user called the description
 * @throws TemplateError
 */
export async function renderTrees(order: Order, origin: string, texts: Texts, files: Files): Promise<Tree[]> {
  const engine = new Engine(texts, templateShapes);
  const trees = await outlines(order, files);
  return trees.map(({ name, root, parts }) => ({
    name,
    root,
    artifacts: renderOutputs(
      parts.map(one => one.output),
      engine,
      origin,
    ),
  }));
}
