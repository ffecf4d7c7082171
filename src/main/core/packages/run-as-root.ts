import { spawn } from 'node:child_process';
import { maxTextChars } from '../../../shared/bounded-text.ts';
import { appError } from '../../../shared/errors/app-error.ts';
import { shellWord } from '../../../shared/shell-word.ts';
import { onPrintedLines } from '../processes/printed-lines.ts';
import { runTool } from '../processes/run-tool.ts';
import type { Work } from '../work.ts';

const lastLines = 8;
/* What sudo says where it does not run the command. */
const sudoRefused =
  /sudo: (a terminal|a password) is required|sudo: \d+ incorrect|not in the sudoers file|not allowed to (execute|run sudo)/;

/**
 * Runs a command as root and logs each line that it prints. Another user's terminal asks for the password by sudo; where there is no
 * terminal or no right to use sudo, throws `packages.needs-root` with the command or how to see it. Throws `packages.failed` when it fails.
 */
export async function runAsRoot(
  name: string,
  command: readonly string[],
  hasTerminal: boolean,
  work: Pick<Work, 'log' | 'signal'>,
): Promise<void> {
  const line = commandLine(command);
  const isRoot = process.getuid?.() === 0;
  const hasSudo = !isRoot && hasTerminal && (await runTool('sudo', ['--version'], 10_000)).kind === 'ok';
  if (!isRoot && !hasSudo) throw appError('packages.needs-root', { name, ...line });
  const last: string[] = [];
  const [program = '', ...args] = isRoot ? command : ['sudo', ...command];
  const exitCode = await run(program, args, work, (said) => {
    work.log(said);
    last.push(said);
    if (last.length > lastLines) last.shift();
  });
  work.signal.throwIfAborted();
  if (exitCode === 0) return;
  if (!isRoot && last.some((one) => sudoRefused.test(one))) throw appError('packages.needs-root', { name, ...line });
  const output = last.join('; ') || `${program} ended with code ${exitCode}`;
  throw appError('packages.failed', { name, ...commandLine([program, ...args]), output });
}

/** The command as a line for an error, unless it would be cut short there: whoever pastes half of it installs something else. */
function commandLine(words: readonly string[]): { command?: string } {
  const command = words.map(shellWord).join(' ');
  return command.length <= maxTextChars ? { command } : {};
}

/** sudo asks on the terminal itself; a Ctrl-C there reaches the command too. */
function run(
  program: string,
  args: string[],
  { signal }: Pick<Work, 'signal'>,
  onLine: (line: string) => void,
): Promise<number | null> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, LC_ALL: 'C' },
      signal,
      killSignal: 'SIGINT',
    });
    for (const output of [child.stdout, child.stderr]) onPrintedLines(output, onLine);
    child.once('error', (error) => (signal.aborted ? undefined : reject(error)));
    child.once('close', resolve);
  });
}
