import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { Command, CommanderError } from 'commander';
import { AppError, appError, toAppError } from '../../shared/errors/app-error.ts';
import { plainJson, plainText } from '../../shared/plain-text.ts';
import { type Given, runnableRemedies, runnableText } from '../../shared/runnable-commands.ts';
import { interrupted } from '../core/jobs/follow-job.ts';
import type { ActionOptions, Cli, Outcome, Session } from './cli.ts';
import { acceptCommand } from './commands/accept.ts';
import { askCommand } from './commands/ask.ts';
import { bundleCommands } from './commands/bundle.ts';
import { completionCommands } from './commands/completion.ts';
import { diagnoseCommands } from './commands/diagnose.ts';
import { estimateCommands } from './commands/estimate.ts';
import { frontKeysCommands } from './commands/front-keys.ts';
import { gatewayKeysCommands } from './commands/gateway-keys.ts';
import { gitlabCommands } from './commands/gitlab.ts';
import { hardwareCommands } from './commands/hardware.ts';
import { importsCommands } from './commands/imports.ts';
import { jobsCommands } from './commands/jobs.ts';
import { keysCommands } from './commands/keys.ts';
import { kubernetesCommands } from './commands/kubernetes.ts';
import { modelServerCommands } from './commands/model-server.ts';
import { modelsCommands } from './commands/models.ts';
import { packagesCommands } from './commands/packages.ts';
import { probeCommands } from './commands/probe.ts';
import { pushCommands } from './commands/push.ts';
import { rehearseCommands } from './commands/rehearse.ts';
import { reportCommands } from './commands/report.ts';
import { serveCommands } from './commands/serve.ts';
import { serviceCommands } from './commands/service.ts';
import { siteCommands } from './commands/site.ts';
import { traceCommand } from './commands/trace.ts';
import { troubleshootCommand } from './commands/troubleshoot.ts';
import { upgradeCommands } from './commands/upgrade.ts';
import { upgradePlanCommand } from './commands/upgrade-plan.ts';
import { windowCommands } from './commands/window.ts';
import { cliPorts, homeToName, version } from './ports.ts';
import { errorJson, errorLines, outcomeText } from './print.ts';
import { sayStanding, secretFilesIn } from './say-standing.ts';
import { logInternal, openSession } from './session.ts';
import type { Terminal } from './terminal.ts';
import { commandPath, findCommand, refuseEmptyValues, usageError } from './usage-error.ts';

interface Invocation {
  json: boolean;
  home?: string | undefined;
  /** The command as typed, such as `sealift bundle pack`. */
  command: string;
  given: Given;
  /** The existing commands. */
  names: string[];
  /** Files with secrets that it was given. */
  secretFiles: string[];
}

/** Runs one command line and returns its exit code: 0 done, 1 done with red findings, 2 usage, 3 refused, 4 failed, 130 interrupted. */
export async function main(argv: string[], terminal: Terminal): Promise<number> {
  let exitCode = 0;
  const program = newProgram(argv.includes('--json'), terminal);
  let named = program;
  const invocation = () => invocationOf(program, named, argv);
  const action: Cli['action'] =
    (options, body) =>
    async (...args) => {
      exitCode = await runAction(invocation(), terminal, options, (session) => body(session, ...args));
    };
  for (const add of commandGroups) add({ program, action });
  followNames(program, (command) => {
    named = command;
  });
  try {
    await program.parseAsync(argv, { from: 'user' });
    return exitCode;
  } catch (thrown) {
    if (thrown instanceof CommanderError && thrown.exitCode === 0) return 0;
    return fail(thrown, named, invocation(), terminal);
  }
}

const sameSignalMs = 500;

const commandGroups = [
  rehearseCommands,
  hardwareCommands,
  modelsCommands,
  estimateCommands,
  keysCommands,
  bundleCommands,
  importsCommands,
  packagesCommands,
  siteCommands,
  upgradeCommands,
  serviceCommands,
  frontKeysCommands,
  gatewayKeysCommands,
  gitlabCommands,
  kubernetesCommands,
  probeCommands,
  pushCommands,
  askCommand,
  acceptCommand,
  diagnoseCommands,
  traceCommand,
  troubleshootCommand,
  reportCommands,
  modelServerCommands,
  jobsCommands,
  serveCommands,
  windowCommands,
  upgradePlanCommand,
  completionCommands,
  helpCommand,
];

/** With `json`, help and the version are one JSON object too. */
function newProgram(json: boolean, { out }: Terminal): Command {
  return new Command('sealift')
    .description('Sets up self-hosted LLM serving for GitLab Duo on machines with no internet.')
    .version(version)
    .option('--json', 'print one JSON object on standard output')
    .option('--home <dir>', "Sealift's data folder (default: $SEALIFT_HOME, or the platform's usual place)")
    .exitOverride()
    .configureOutput({
      writeErr: () => undefined,
      writeOut: (text) => out(json ? outcomeText({ data: { text }, human: '' }, true) : text),
    })
    .showHelpAfterError(false)
    .helpCommand(false)
    .action((_options, command: Command) => {
      command.outputHelp();
    });
}

function helpCommand({ program }: Cli): void {
  program
    .command('help [command...]')
    .description('show the help of a command')
    .action((words: string[]) => findCommand(program, words).outputHelp());
}

/** Reports the selected command before its options are parsed, and rejects empty values before it runs. */
function followNames(command: Command, tell: (command: Command) => void): void {
  command.hook('preSubcommand', (_holder, next) => tell(next));
  for (const one of command.commands) followNames(one, tell);
  if (command.parent === null) command.hook('preAction', (_program, next) => refuseEmptyValues(next));
}

function invocationOf(program: Command, named: Command, argv: string[]): Invocation {
  const { home } = program.opts<{ home?: string }>();
  const { site } = named.opts<{ site?: string }>();
  const siteFile = named.args[named.registeredArguments.findIndex((one) => one.name() === 'site.yaml')];
  // A suggested command may be run in another folder.
  const whole = (path: string | undefined) => (path === undefined ? undefined : resolve(path));
  return {
    json: argv.includes('--json'),
    home,
    command: ['sealift', ...commandPath(named)].join(' '),
    given: { program: process.env.SEALIFT_PROGRAM, home: whole(home), site, siteFile: whole(siteFile) },
    names: program.commands.map((one) => one.name()),
    secretFiles: secretFilesIn(named.opts()),
  };
}

function fail(thrown: unknown, named: Command, { json, home, given, names }: Invocation, terminal: Terminal): number {
  const error = thrown instanceof CommanderError ? usageError(thrown, named) : ownWords(thrown, named);
  if (error !== thrown && error.code === 'internal')
    logInternal(cliPorts(terminal, home, { kind: 'cli', capabilities: [] }).log, 'a command failed', error);
  const shown = new AppError(runnableRemedies(error.wire, given, names), error.cause);
  if (json) terminal.out(errorJson(shown));
  // A group without a command prints its help on stderr and fails, as in git.
  else if (thrown instanceof CommanderError && thrown.code === 'commander.help') terminal.err(named.helpInformation());
  else terminal.err(errorLines(shown));
  return error.exitCode;
}

/** Rewords a schema error from the core in terms of the command line: the user knows the command, not the method. */
function ownWords(thrown: unknown, named: Command): AppError {
  const error = toAppError(thrown, randomUUID);
  const { what, issues } = error.wire.details;
  if (error.code !== 'input.invalid' || !/^[a-z]+\.[a-zA-Z]+$/.test(String(what)) || !Array.isArray(issues))
    return error;
  return appError('usage.invalid', { problem: issues.join('; '), command: commandPath(named).join(' ') });
}

async function runAction(
  { json, home, command, given, names, secretFiles }: Invocation,
  terminal: Terminal,
  options: ActionOptions,
  body: (session: Session) => Promise<Outcome | 'emitted'>,
): Promise<number> {
  const out = { isTerminal: terminal.isWatched, write: terminal.err };
  const emit = (item: unknown, text: string) => terminal.out(`${json ? plainJson(item) : plainText(text)}\n`);
  const commands = { names, program: given.program, home: homeToName(home) };
  const ports = cliPorts(terminal, home, { kind: options.shell ?? 'cli', capabilities: [], commands });
  const session = await openSession(ports, { writes: options.writes, command, out, emit });
  let firstAt: number | undefined;
  const stop = () => {
    // npm forwards the Ctrl-C that the terminal also sent to this process: that is one signal, not two.
    if (firstAt !== undefined && Date.now() - firstAt > sameSignalMs) process.exit(130);
    if (firstAt !== undefined) return;
    firstAt = Date.now();
    void session.interrupt();
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  try {
    await sayStanding(session, { command, given, names, secretFiles });
    const outcome = await body(session);
    // A shell of its own runs until it is stopped, so stopping it is a success.
    if (outcome === 'emitted') return session.stopped.aborted && !options.shell ? 130 : 0;
    const data = runnableRemedies(outcome.data, given, names);
    terminal.out(outcomeText({ data, human: runnableText(outcome.human, given, names) }, json));
    return outcome.red ? 1 : 0;
  } catch (thrown) {
    const isKnown = thrown instanceof AppError && thrown.code === 'interrupted';
    throw session.stopped.aborted && !isKnown ? interrupted({ title: command, resumes: false }) : thrown;
  } finally {
    await session.close();
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
  }
}
