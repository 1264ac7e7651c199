import { bashCompletion } from '../view/completion.js';
import type { Run } from './context.js';
import { EXIT } from './exit.js';
import { VERBS } from './verbs.js';

export const run: Run = context => {
  const verbs = VERBS.map(verb => ({
    name: verb.name,
    words: verb.args?.flatMap(arg => arg.choices ?? []) ?? [],
    options: [...verb.options, { flags: '-h, --help' }].map(option => {
      const flags = option.flags.split(/,? /).filter(word => word.startsWith('-'));
      const value = /<(.+)>/.exec(option.flags)?.[1];
      return { flags, value, choices: 'choices' in option ? (option.choices ?? []) : [] };
    }),
  }));
  context.out(bashCompletion(verbs));
  return Promise.resolve(EXIT.done);
};
