import { spawn } from 'node:child_process';
import { onPrintedLines } from './printed-lines.ts';

/** How a long command ended: its exit code, or why it has none. */
export interface LongAnswer {
  exitCode: number | null;
  problem?: string;
}

/**
 * Runs a command without a shell for as long as it takes, and passes on the lines that it prints, as `onPrintedLines` does. It ends, with
 * every process that it started, when the signal aborts; then throws the signal's reason.
 */
export async function runLong(
  [command = '', ...args]: readonly string[],
  { signal, say }: { signal: AbortSignal; say(line: string): void },
): Promise<LongAnswer> {
  signal.throwIfAborted();
  const isGroup = process.platform !== 'win32';
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: isGroup, windowsHide: true });
  const stop = () => {
    if (child.pid === undefined) return;
    try {
      if (isGroup) process.kill(-child.pid, 'SIGKILL');
      else child.kill('SIGKILL');
    } catch {
      // Already gone.
    }
  };
  signal.addEventListener('abort', stop, { once: true });
  for (const output of [child.stdout, child.stderr]) onPrintedLines(output, say);
  const answer = await new Promise<LongAnswer>((resolve) => {
    child.once('error', (error) => resolve({ exitCode: null, problem: error.message }));
    child.once('close', (exitCode, killedBy) =>
      resolve(killedBy === null ? { exitCode } : { exitCode, problem: `it was ended by ${killedBy}` }),
    );
  });
  signal.removeEventListener('abort', stop);
  signal.throwIfAborted();
  return answer;
}
