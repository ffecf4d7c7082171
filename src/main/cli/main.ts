import { randomUUID } from 'node:crypto';
import { Command, CommanderError } from 'commander';
import { type AppError, appError, toAppError } from '../../shared/errors/app-error.ts';
import type { Cli, Outcome, Session } from './cli.ts';
import { bundleCommands } from './commands/bundle.ts';
import { gitlabCommands } from './commands/gitlab.ts';
import { hardwareCommands } from './commands/hardware.ts';
import { importsCommands } from './commands/imports.ts';
import { jobsCommands } from './commands/jobs.ts';
import { keysCommands } from './commands/keys.ts';
import { modelServerCommands } from './commands/model-server.ts';
import { modelsCommands } from './commands/models.ts';
import { probeCommands } from './commands/probe.ts';
import { rehearseCommands } from './commands/rehearse.ts';
import { reportCommands } from './commands/report.ts';
import { siteCommands } from './commands/site.ts';
import { cliPorts, version } from './ports.ts';
import { errorJson, errorLines, outcomeText } from './print.ts';
import { openSession } from './session.ts';

interface GlobalOptions {
  json?: boolean;
  home?: string;
}

/** Runs one command line and gives its exit code: 0 done, 1 done with red findings, 2 usage, 3 refused, 4 failed, 130 interrupted. */
export async function main(argv: string[]): Promise<number> {
  let exitCode = 0;
  const json = argv.includes('--json');
  const fail = (error: AppError): number => {
    if (json) process.stdout.write(errorJson(error));
    else process.stderr.write(errorLines(error));
    return error.exitCode;
  };
  const program = newProgram();
  const cli: Cli = {
    program,
    action:
      (options, body) =>
      async (...args) => {
        exitCode = await runAction(
          program.opts<GlobalOptions>(),
          options.writes,
          argv,
          (session) => body(session, ...args),
          json,
        );
      },
  };
  for (const add of commandGroups) add(cli);
  try {
    await program.parseAsync(argv, { from: 'user' });
    return exitCode;
  } catch (thrown) {
    if (thrown instanceof CommanderError && thrown.exitCode === 0) return 0;
    return fail(thrown instanceof CommanderError ? usageError(thrown, program, argv) : toAppError(thrown, randomUUID));
  }
}

const commandGroups = [
  rehearseCommands,
  hardwareCommands,
  modelsCommands,
  keysCommands,
  bundleCommands,
  importsCommands,
  siteCommands,
  gitlabCommands,
  probeCommands,
  reportCommands,
  modelServerCommands,
  jobsCommands,
];

function newProgram(): Command {
  return new Command('sealift')
    .description('Sets up self-hosted LLM serving for GitLab Duo on machines with no internet.')
    .version(version)
    .option('--json', 'print one JSON object on standard output')
    .option('--home <dir>', "Sealift's data folder (default: $SEALIFT_HOME, else the platform's place)")
    .exitOverride()
    .configureOutput({ writeErr: () => undefined })
    .showHelpAfterError(false)
    .action((_options, command: Command) => {
      command.outputHelp();
    });
}

async function runAction(
  global: GlobalOptions,
  writes: boolean,
  argv: string[],
  body: (session: Session) => Promise<Outcome | 'emitted'>,
  json: boolean,
): Promise<number> {
  const out = { isTerminal: process.stderr.isTTY === true, write: (text: string) => void process.stderr.write(text) };
  const command = `sealift ${argv
    .filter((word) => !word.startsWith('-'))
    .slice(0, 2)
    .join(' ')}`;
  const emit = (item: unknown, text: string) => void process.stdout.write(`${json ? JSON.stringify(item) : text}\n`);
  const session = await openSession(cliPorts(global.home), { writes, command, out, emit });
  let isInterrupted = false;
  const stop = () => {
    isInterrupted = true;
    void session.interrupt();
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  try {
    const outcome = await body(session);
    if (outcome === 'emitted') return 0;
    process.stdout.write(outcomeText(outcome, json));
    return outcome.red ? 1 : 0;
  } catch (thrown) {
    throw isInterrupted ? appError('interrupted', { what: command }) : thrown;
  } finally {
    await session.close();
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
  }
}

function usageError(error: CommanderError, program: Command, argv: string[]): AppError {
  const words = argv.filter((word, at) => !word.startsWith('-') && argv[at - 1] !== '--home');
  const group = program.commands.find((one) => one.name() === words[0]);
  if (!group && words[0] !== undefined) return unknownCommand(words[0], program);
  const isInGroup = group && group.commands.length > 0;
  if (isInGroup && words[1] !== undefined && !group.commands.some((one) => one.name() === words[1])) {
    return unknownCommand(`${words[0]} ${words[1]}`, group);
  }
  return appError('usage.invalid', { problem: error.message.replace(/^error: /, ''), command: words[0] ?? '' });
}

function unknownCommand(given: string, holder: Command): AppError {
  return appError('usage.unknown-command', { given, known: holder.commands.map((one) => one.name()).sort() });
}
