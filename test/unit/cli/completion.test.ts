import { spawnSync } from 'node:child_process';
import { Command, Option } from 'commander';
import { describe, expect, it } from 'vitest';
import { completionScript } from '../../../src/main/cli/completion.ts';
import { missing } from '../../needs.ts';

/** A program with what completion has to cope with: groups, choices, values, quotes. */
function program(): Command {
  const made = new Command('sealift')
    .helpCommand(false)
    .option('--json', 'one object')
    .option('--home <dir>', "the user's folder");
  made.command('import <dir...>').description('import: everything').option('--store <dir>', 'the store');
  const bundle = made.command('bundle').description("a bundle's life");
  bundle
    .command('pack <file>')
    .description('pack')
    .addOption(new Option('--form <form>').choices(['big', 'small']));
  bundle.command('verify <dir>').description('verify');
  return made;
}

const cases: [string, string, string[]][] = [
  ['the commands', 'sealift ', ['import', 'bundle', 'self']],
  ['a command that is half typed', 'sealift bun', ['bundle']],
  ['the commands of a group', 'sealift bundle ', ['pack', 'verify']],
  ['an option', 'sealift import --st', ['--store']],
  ['an option of the whole program', 'sealift bundle pack --js', ['--json']],
  ['the values of an option', 'sealift bundle pack --form ', ['big', 'small']],
  ['a group after an option', 'sealift --json bundle v', ['verify']],
  ['what the launcher does', 'sealift self ', ['rollback', 'uninstall']],
  ['nothing after an option that takes any value', 'sealift import --store ', []],
];

const run = (shell: string, script: string) => {
  const { stdout, stderr, status } = spawnSync(shell, ['-c', script], {
    encoding: 'utf8',
    // From a socket, bash reads the settings of whoever runs the tests.
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH },
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return stdout.split('\n').filter(Boolean);
};

/** Options are listed too where commands are wanted. */
const wanted = (found: string[], expected: string[]) =>
  expected.length === 0 ? found : found.filter((one) => expected.includes(one));

describe('completion', () => {
  it.each(cases)('in bash: %s', (_what, line, expected) => {
    const words = line.split(' ');
    const script = `${completionScript(program(), 'bash')}
COMP_WORDS=(${words.map((one) => `'${one}'`).join(' ')}); COMP_CWORD=${words.length - 1}
_sealift; printf '%s\\n' "\${COMPREPLY[@]}"`;
    expect(wanted(run('bash', script), expected).sort()).toEqual([...expected].sort());
  });

  it.skipIf(missing('zsh')).each(cases)('in zsh: %s', (_what, line, expected) => {
    const words = line.split(' ');
    // The functions of the completion system show only with a terminal; here they print what they are given.
    const script = `_describe() { print -l -- "\${(@P)2%%:*}" }; _files() { : }
sealift() { ${completionScript(program(), 'zsh')} }
words=(${words.map((one) => `'${one}'`).join(' ')}); CURRENT=${words.length}; sealift`;
    const typed = words.at(-1) ?? '';
    expect(
      wanted(run('zsh', script), expected)
        .filter((one) => one.startsWith(typed))
        .sort(),
    ).toEqual([...expected].sort());
  });

  it.skipIf(missing('fish')).each(cases.slice(0, -1))('in fish: %s', (_what, line, expected) => {
    const script = `${completionScript(program(), 'fish')}\ncomplete -C '${line}'`;
    const found = run('fish', script).map((one) => one.split('\t')[0] ?? '');
    expect(wanted(found, expected).sort()).toEqual([...expected].sort());
  });
});
