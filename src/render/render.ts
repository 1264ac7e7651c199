import type { Engine } from './engine.js';
import type { Artifact, Output } from './output.js';
import { stamp } from './stamp.js';

/** Outputs → the files themselves. @throws TemplateError */
export function renderOutputs(outputs: readonly Output[], engine: Engine, origin: string): Artifact[] {
  return outputs.map(output => renderOutput(output, engine, origin));
}

function renderOutput(output: Output, engine: Engine, origin: string): Artifact {
  switch (output.kind) {
    case 'link':
    case 'key':
      return output;
    case 'program': {
      const content = stamp(engine.program(output.source), origin);
      return { kind: 'file', path: output.path, mode: output.mode, content, secret: false };
    }
    case 'file':
    case 'block': {
      const { kind, path, mode, secret = false } = output;
      const filled = engine.fill(output.template, output.view);
      return { kind, path, mode, content: kind === 'file' ? stamp(filled, origin) : filled, secret };
    }
  }
}
