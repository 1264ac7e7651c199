interface CompletedVerb {
  readonly name: string;
  /** What may stand as its first argument. */
  readonly words: readonly string[];
  readonly options: readonly {
    readonly flags: readonly string[];
    /** The name of its value, such as `path`; undefined for a switch. */
    readonly value: string | undefined;
    readonly choices: readonly string[];
  }[];
}

/** A completion for bash, made from the table of verbs. Words and flags are plain by construction. */
export function bashCompletion(verbs: readonly CompletedVerb[]): string {
  const cases = verbs.map(verb => {
    const values = verb.options.flatMap(option => {
      if (option.value === undefined) return [];
      const reply =
        option.choices.length > 0 ? `-W '${option.choices.join(' ')}'` : option.value === 'dir' ? '-d' : '-f';
      return [`        ${option.flags.join('|')}) COMPREPLY=($(compgen ${reply} -- "$word")); return ;;`];
    });
    const words = [...verb.words, ...verb.options.flatMap(option => option.flags)].join(' ');
    return [
      `    ${verb.name})`,
      `      case $previous in`,
      ...values,
      `      esac`,
      `      words='${words}'`,
      `      ;;`,
    ].join('\n');
  });
  return `# bash completion for lvsctl
_lvsctl() {
  local word=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} words
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W '${verbs.map(verb => verb.name).join(' ')} --help --version' -- "$word"))
    return
  fi
  case \${COMP_WORDS[1]} in
${cases.join('\n')}
    *) return ;;
  esac
  case $word in
    -*) COMPREPLY=($(compgen -W "$words" -- "$word")) ;;
    *) COMPREPLY=($(compgen -W "$words" -- "$word") $(compgen -f -- "$word")) ;;
  esac
}
complete -o filenames -F _lvsctl lvsctl
`;
}
