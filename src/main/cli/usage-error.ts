import type { Command, CommanderError } from 'commander';
import { type AppError, appError } from '../../shared/errors/app-error.ts';

/** Turns a Commander error into an error from the table that points to the help of the intended command. */
export function usageError(error: CommanderError, named: Command): AppError {
  if (error.code === 'commander.unknownCommand' || error.code === 'commander.excessArguments') {
    const [given] = named.args;
    if (given !== undefined && named.commands.length > 0)
      return unknownCommand([...commandPath(named), given].join(' '), named);
  }
  const command = commandPath(named).join(' ');
  if (error.code === 'commander.help')
    return appError('usage.invalid', { problem: `${command} needs one of: ${subcommands(named).join(', ')}`, command });
  return appError('usage.invalid', { problem: error.message.replace(/^error: /, ''), command });
}

/** Rejects empty arguments and option values: an empty path would mean the current folder, an empty name anything. */
export function refuseEmptyValues(command: Command): void {
  const values = Object.entries(command.optsWithGlobals()).flatMap(([name, value]) =>
    [value]
      .flat()
      .map((one) => [command.options.find((option) => option.attributeName() === name)?.long ?? `--${name}`, one]),
  );
  const words = command.args.map((one, at) => [command.registeredArguments[at]?.name() ?? 'an argument', one]);
  const empty = [...values, ...words].find(([, value]) => typeof value === 'string' && value.trim() === '');
  if (!empty) return;
  const problem = `${empty[0]} is empty: set a value or leave it out`;
  throw appError('usage.invalid', { problem, command: commandPath(command).join(' ') });
}

/** Returns the command that the words name, as after `sealift help`. Throws `usage.unknown-command`. */
export function findCommand(program: Command, words: string[]): Command {
  return words.reduce((holder, word) => {
    const found = holder.commands.find((one) => one.name() === word);
    if (!found) throw unknownCommand([...commandPath(holder), word].join(' '), holder);
    return found;
  }, program);
}

/** Returns the words that name a command, without `sealift`. */
export function commandPath(command: Command): string[] {
  return command.parent ? [...commandPath(command.parent), command.name()] : [];
}

function unknownCommand(given: string, holder: Command): AppError {
  return appError('usage.unknown-command', {
    given,
    known: subcommands(holder).join(', '),
    group: commandPath(holder).join(' '),
  });
}

function subcommands(holder: Command): string[] {
  return holder
    .createHelp()
    .visibleCommands(holder)
    .map((one) => one.name())
    .sort();
}
