import { Argument, Command, CommanderError, Option } from 'commander';
import { createStyle } from '../view/style.js';
import type { Context, Surroundings } from './context.js';
import { asFailure, EXIT } from './exit.js';
import { VERBS } from './verbs.js';
import type { Verb } from './verbs/verb.js';

const EXIT_CODES_HELP = `
Exit codes: 0 done, 1 failed, 2 changes pending, 64 usage, 69 kernel or program missing, 70 bug,
            75 lock held, 77 not permitted, 78 invalid description, 130 interrupted.

See lvsctl(8) and lvs.conf(5) for more.`;

/** Runs what the arguments ask for. @returns the exit code */
export async function runProgram(argv: readonly string[], surroundings: Surroundings): Promise<number> {
  const context: Context = {
    ...surroundings,
    outStyle: createStyle(surroundings.outColour),
    errStyle: createStyle(surroundings.errColour),
  };
  const [word, ...words] = argv;
  const raw = VERBS.find(verb => verb.raw === true && verb.name === word);
  if (raw && words[0] !== '--help') {
    try {
      return await (await raw.load()).run(context, words, {});
    } catch (error) {
      throw asFailure(error);
    }
  }
  const program = new Command('lvsctl')
    .description('Describe an IPVS cluster once; lvsctl makes what every machine needs.')
    .version(context.version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show this help')
    .helpCommand('help [verb]', 'show the help of a verb')
    .addHelpText('after', EXIT_CODES_HELP);
  const outcome: { exitCode: number } = { exitCode: EXIT.done };
  for (const verb of VERBS) addVerb(program, verb, context, outcome);
  for (const command of [program, ...program.commands]) {
    command.exitOverride().configureOutput({
      writeOut: text => context.out(text),
      writeErr: text => context.err(text),
      outputError: (text, write) => write(text.replace(/^error: /, 'lvsctl: ')),
    });
  }
  if (argv.length === 0) {
    program.outputHelp({ error: true });
    return EXIT.usage;
  }
  try {
    await program.parseAsync(argv, { from: 'user' });
  } catch (error) {
    // Help and version end in an error as well, with exit code 0.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
    throw asFailure(error);
  }
  return outcome.exitCode;
}

function addVerb(program: Command, verb: Verb, context: Context, outcome: { exitCode: number }): void {
  const command = program
    .command(verb.name)
    .description(verb.about)
    .helpOption(verb.raw ? '--help' : '-h, --help', 'show this help')
    .showHelpAfterError(`(lvsctl ${verb.name} --help shows what there is)`);
  for (const { name, about, choices } of verb.args ?? []) {
    const argument = new Argument(name.startsWith('[') ? name : `<${name}>`, about);
    command.addArgument(choices ? argument.choices([...choices]) : argument);
  }
  for (const { flags, about, choices } of verb.options) {
    const option = new Option(flags, about);
    if (choices) option.choices([...choices]);
    command.addOption(option);
  }
  const examples = verb.examples.map(([line, does]) => `  lvsctl ${line}\n      ${does}`);
  command.addHelpText('after', `\nExamples:\n${examples.join('\n')}`);
  command.action(async (...given: unknown[]) => {
    // commander passes the arguments, several of one kind as a list, then the options, then itself.
    const args = given
      .slice(0, -2)
      .flat()
      .filter(one => one !== undefined) as string[];
    const { run } = await verb.load();
    outcome.exitCode = await run(context, args, command.opts());
  });
}
