import { Argument, Command, CommanderError, Option } from 'commander';
import type { Context } from './context.js';
import { EXIT } from './exit.js';
import { VERBS, type Verb } from './verbs.js';

const EXIT_CODES_HELP = `
Exit codes: 0 done, 1 failed, 2 changes pending, 64 usage, 69 kernel or program missing, 70 bug,
            75 lock held, 77 not permitted, 78 invalid description, 130 interrupted.

See lvsctl(8) and lvs.conf(5) for more.`;

/** Runs what the arguments ask for. @returns the exit code */
export async function runProgram(argv: readonly string[], context: Context): Promise<number> {
  let exitCode: number = EXIT.done;
  const program = new Command('lvsctl')
    .description('Describe an IPVS cluster once; lvsctl makes what every machine needs.')
    .version(context.version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show this help')
    .helpCommand('help [verb]', 'show the help of a verb')
    .addHelpText('after', EXIT_CODES_HELP);
  for (const verb of VERBS) {
    const command = addVerb(program, verb);
    command.action(async (...given: unknown[]) => {
      // commander passes the arguments, then the options, then itself.
      const args = given.slice(0, -2).filter(one => one !== undefined) as string[];
      const { run } = await verb.load();
      exitCode = await run(context, args, command.opts());
    });
  }
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
    throw error;
  }
  return exitCode;
}

function addVerb(program: Command, verb: Verb): Command {
  const command = program
    .command(verb.name)
    .description(verb.about)
    .helpOption('-h, --help', 'show this help')
    .showHelpAfterError(`(lvsctl ${verb.name} --help shows what there is)`);
  for (const { name, about, choices } of verb.args ?? []) {
    const argument = new Argument(/^\[/.test(name) ? name : `<${name}>`, about);
    command.addArgument(choices ? argument.choices([...choices]) : argument);
  }
  for (const { flags, about, choices, repeats } of verb.options) {
    const option = new Option(flags, about);
    if (choices) option.choices([...choices]);
    if (repeats) {
      const collect = option.parseArg!;
      option.argParser<string[]>((value, before: string[] | undefined) => {
        // The parser that checks the choices returns the value.
        return [...(before ?? []), collect.call(option, value, undefined as never) as unknown as string];
      });
    }
    command.addOption(option);
  }
  const examples = verb.examples.map(([line, does]) => `  lvsctl ${line}\n      ${does}`);
  return command.addHelpText('after', `\nExamples:\n${examples.join('\n')}`);
}
