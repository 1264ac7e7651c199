import { KernelFailure } from '../director/failure.js';
import { Engine, TemplateError } from '../render/engine.js';
import type { Artifact, Output } from '../render/output.js';
import { renderOutputs } from '../render/render.js';
import { templateShapes } from '../render/targets.js';
import type { Context } from './context.js';
import { loadTexts } from './texts.js';

/** Fills the templates of these files. @throws KernelFailure where one cannot be used, or none can be read */
export async function fill(
  context: Context,
  outputs: readonly Output[],
  origin: string,
): Promise<Artifact[]> {
  try {
    return renderOutputs(outputs, await engineOf(context), origin);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (!(error instanceof TemplateError) && code === undefined) throw error;
    throw new KernelFailure('template', `a template cannot be used:\n${message}`);
  }
}

/** Two clusters are asked about one after the other. */
const engines = new WeakMap<Context, Promise<Engine>>();

async function engineOf(context: Context): Promise<Engine> {
  const made = engines.get(context) ?? loadTexts(context).then(texts => new Engine(texts, templateShapes));
  engines.set(context, made);
  return await made;
}
