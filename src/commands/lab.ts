import { EXIT, Failure } from './exit.js';
import type { Context, Options, Run } from './context.js';

interface Part {
  readonly run: (context: Context, options: Options) => Promise<number>;
  /** Of the verb's options. */
  readonly options: readonly string[];
}

const MACHINE = ['file', 'strict', 'install', 'color'];

/** What `lab` can do, each loaded when used. */
const PARTS: Readonly<Record<string, Part>> = {
  demo: {
    options: ['color', 'install'],
    run: async (context, options) => (await import('./lab/demo.js')).tellDemo(context, options),
  },
  rehearse: {
    options: [...MACHINE, 'output', 'report', 'from'],
    run: async (context, options) => (await import('./lab/rehearse.js')).rehearse(context, options),
  },
  shell: {
    options: MACHINE,
    run: async (context, options) => (await import('./lab/shell.js')).shell(context, options),
  },
};

export const run: Run = (context, args, options) => {
  const [what = ''] = args;
  const part = PARTS[what]!;
  const foreign = Object.keys(options).find(name => !part.options.includes(name));
  if (foreign !== undefined) {
    throw new Failure(EXIT.usage, `lab ${what} has no option --${foreign}`, 'lvsctl lab --help');
  }
  return part.run(context, options);
};
