import { type ChildProcess, spawn } from 'node:child_process';

/** How a system tool answered. `output` is all that it printed, up to 2 MiB: standard output, then standard error. */
export type ToolAnswer =
  | { kind: 'ok'; stdout: string; stderr: string }
  | { kind: 'missing' }
  | { kind: 'silent'; timeoutMs: number }
  | { kind: 'failed'; exitCode: number | null; output: string };

const maxBytes = 1024 * 1024;

/**
 * Runs a tool without a shell and returns within `timeoutMs`, whatever the tool does. A tool that hangs is killed with every process that it
 * started, but not waited for, since a tool that is stuck in a broken driver cannot be killed. So is one that prints more than 1 MiB, which
 * counts as failed. Never throws. `input` goes to its standard input; `as` sets another user and home, which only root may do.
 */
export function runTool(
  command: string,
  args: string[],
  timeoutMs: number,
  { input, as }: { input?: string; as?: { userId: number; home: string } } = {},
): Promise<ToolAnswer> {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, LC_ALL: 'C', ...(as && { HOME: as.home }) },
      ...(as && { uid: as.userId, gid: as.userId }),
      detached: process.platform !== 'win32',
      windowsHide: true,
    });
    // A tool need not read it.
    child.stdin.on('error', () => undefined).end(input);
    const said = { stdout: '', stderr: '' };
    const answer = (value: ToolAnswer) => {
      clearTimeout(timer);
      resolve(value);
    };
    const timer = setTimeout(() => {
      abandon(child);
      answer({ kind: 'silent', timeoutMs });
    }, timeoutMs);
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8');
      child[name].on('data', (part: string) => {
        said[name] += part;
        if (said[name].length <= maxBytes) return;
        abandon(child);
        answer({ kind: 'failed', exitCode: null, output: `printed more than ${maxBytes / 2 ** 20} MiB` });
      });
    }
    child.once('error', (error: NodeJS.ErrnoException) => {
      // A folder of PATH that this user may not search also answers EACCES, even if it lacks the tool.
      const isNotFound = error.code === 'ENOENT' || (error.code === 'EACCES' && !/[\\/]/.test(command));
      if (isNotFound) answer({ kind: 'missing' });
      else answer({ kind: 'failed', exitCode: null, output: error.message });
    });
    child.once('close', (exitCode) => {
      if (exitCode === 0) answer({ kind: 'ok', ...said });
      else answer({ kind: 'failed', exitCode, output: `${said.stdout}\n${said.stderr}`.trim() });
    });
  });
}

function abandon(child: ChildProcess): void {
  child.stdin?.destroy();
  child.stdout?.destroy();
  child.stderr?.destroy();
  child.unref();
  try {
    if (process.platform === 'win32' || child.pid === undefined) child.kill('SIGKILL');
    else process.kill(-child.pid, 'SIGKILL');
  } catch {
    // Already gone.
  }
}
