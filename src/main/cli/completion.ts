import type { Command, Option } from 'commander';

/** The shells that a completion can be written for. */
export const completedShells = ['bash', 'zsh', 'fish'] as const;

/** What may follow the words of one command. */
interface Place {
  /** The words that lead here, such as `bundle pack`; empty at the start. */
  path: string;
  words: { name: string; about: string }[];
  options: { flag: string; about: string; takesValue: boolean; choices: readonly string[] }[];
}

/** Commands that the installed launcher answers, not this program. */
const ofLauncher: Place[] = [
  {
    path: 'self',
    words: [
      { name: 'rollback', about: 'return to the version before the last update' },
      { name: 'uninstall', about: 'remove Sealift' },
    ],
    options: [{ flag: '--purge', about: 'also remove its data', takesValue: false, choices: [] }],
  },
];

/** Returns a script that completes the commands and options of `program` in a shell. */
export function completionScript(program: Command, shell: (typeof completedShells)[number]): string {
  const global = program.createHelp().visibleOptions(program).map(optionAt);
  const [start, ...others] = placesBelow(program, [], global);
  const words = [...(start?.words ?? []), { name: 'self', about: 'change or remove this installation' }];
  const places = [...(start ? [{ ...start, words }] : []), ...others, ...ofLauncher];
  return { bash, zsh, fish }[shell](places);
}

function placesBelow(command: Command, path: string[], global: Place['options']): Place[] {
  const help = command.createHelp();
  const commands = help.visibleCommands(command);
  const own = help.visibleOptions(command).map(optionAt);
  const place = {
    path: path.join(' '),
    words: commands.map((one) => ({ name: one.name(), about: one.description() })),
    options: [...own, ...global.filter(({ flag }) => own.every((one) => one.flag !== flag))],
  };
  return [place, ...commands.flatMap((one) => placesBelow(one, [...path, one.name()], global))];
}

function optionAt(option: Option): Place['options'][number] {
  const { long, short, description, required, optional, argChoices = [] } = option;
  return { flag: long ?? short ?? '', about: description, takesValue: required || optional, choices: argChoices };
}

/** For each place: its words, and the values of its options that have a fixed set. Anything else completes to files. */
function bash(places: readonly Place[]): string {
  const words = places.map(({ path, words: names, options }) => {
    const all = [...names.map((one) => one.name), ...options.map((one) => one.flag)];
    return `    ${quoted(path)}) words=${quoted(all.join(' '))} ;;`;
  });
  return `# Completes sealift in bash.
_sealift() {
  local current=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} at= words= one
  for one in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "\${at:+$at }$one" in ${pathPattern(places)}) at="\${at:+$at }$one" ;; esac
  done
  case $at in
${words.join('\n')}
  esac
  case "$at $before" in
${valueCases(places, '    ', (choices) => `words=${quoted(choices)}`, 'words=')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _sealift sealift
`;
}

function zsh(places: readonly Place[]): string {
  const rows = places.map(({ path, words, options }) => {
    const all = [...words.map(({ name, about }) => [name, about]), ...options.map(({ flag, about }) => [flag, about])];
    return `  ${quoted(path)}) found=(${all.map(([name = '', about = '']) => quoted(`${name}:${about}`)).join(' ')}) ;;`;
  });
  return `#compdef sealift
# Completes sealift in zsh.
local at= before=\${words[CURRENT-1]} one
local -a found
for one in \${words[2,CURRENT-1]}; do
  case "\${at:+$at }$one" in (${pathPattern(places)}) at="\${at:+$at }$one" ;; esac
done
case $at in
${rows.join('\n')}
esac
case "$at $before" in
${valueCases(places, '  ', (choices) => `found=(${choices})`, 'found=()')}
esac
(( $#found )) && _describe sealift found || _files
`;
}

function fish(places: readonly Place[]): string {
  const rows = places.flatMap(({ path, words, options }) => {
    const here = `complete -c sealift -n "__sealift_at '${path}'"`;
    return [
      ...words.map(({ name, about }) => `${here} -f -a ${name} -d ${fishQuoted(about)}`),
      ...options.map(({ flag, about, takesValue, choices }) => {
        const value = choices.length > 0 ? ` -x -a '${choices.join(' ')}'` : takesValue ? ' -r' : '';
        return `${here} -l ${flag.replace(/^-+/, '')} -d ${fishQuoted(about)}${value}`;
      }),
    ];
  });
  const paths = places.map(({ path }) => path).filter(Boolean);
  return `# Completes sealift in fish.
function __sealift_at
    set -l at ''
    for one in (commandline -opc)[2..]
        set -l next (string trim -- "$at $one")
        contains -- "$next" ${paths.map((one) => `'${one}'`).join(' ')}; and set at $next
    end
    test "$at" = "$argv[1]"
end
${rows.join('\n')}
`;
}

/** A shell pattern that matches the path of each command. */
function pathPattern(places: readonly Place[]): string {
  return places
    .map(({ path }) => path)
    .filter(Boolean)
    .map(quoted)
    .join(' | ');
}

/** Cases for an option that waits for its value: a fixed set, or any other. */
function valueCases(places: readonly Place[], indent: string, some: (choices: string) => string, any: string): string {
  const cases = places.flatMap(({ path, options }) =>
    options
      .filter((one) => one.takesValue)
      .map(
        ({ flag, choices }) =>
          `${indent}${quoted(`${path} ${flag}`)}) ${choices.length > 0 ? some(choices.join(' ')) : any} ;;`,
      ),
  );
  return cases.join('\n');
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function fishQuoted(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}
