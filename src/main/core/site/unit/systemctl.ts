import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { appError } from '../../../../shared/errors/app-error.ts';
import { pathExists } from '../../files/path-exists.ts';
import type { UnitScope } from './unit-place.ts';

const run = promisify(execFile);
const timeoutMs = 15_000;

/** How systemctl says that no systemd runs here, of this machine or of this user: a bus may also refuse for other reasons. */
const absent =
  /System has not been booted with systemd|Failed to connect to (\w+ scope )?bus.*(No medium found|No such file or directory|not defined)/;

/**
 * Runs `systemctl` for the system's or this user's units and returns what it prints; undefined where there is no systemd to ask. Throws
 * `unit.refused` for every other failure, and the signal's reason.
 */
export async function systemctl(
  scope: UnitScope,
  args: string[],
  signal: AbortSignal,
  limitMs = timeoutMs,
): Promise<string | undefined> {
  const isUser = scope === 'user';
  const line = [...(isUser ? ['--user'] : []), ...args];
  const own = isUser ? await withUserBus(process.env, `/run/user/${process.getuid?.()}`) : process.env;
  // Its words are read.
  const options = { timeout: limitMs, signal, env: { ...own, LC_ALL: 'C' } };
  try {
    return (await run('systemctl', line, options)).stdout;
  } catch (error) {
    signal.throwIfAborted();
    const { code, stderr = '', killed } = error as { code?: unknown; stderr?: string; killed?: boolean };
    if (code === 'ENOENT' || absent.test(stderr)) return undefined;
    const problem = stderr.trim() || (killed ? `no answer within ${limitMs / 1000} s` : `code ${code}`);
    // For a person, who may be asked.
    const command = ['systemctl', ...line.filter((one) => one !== '--no-ask-password')].join(' ');
    throw appError('unit.refused', { command, isUser, problem }, error);
  }
}

/** Adds the folder of this user's bus to an environment that does not name it, as after `su` or in cron, if that folder exists. */
export async function withUserBus(env: NodeJS.ProcessEnv, folder: string): Promise<NodeJS.ProcessEnv> {
  return env.XDG_RUNTIME_DIR || !(await pathExists(folder)) ? env : { ...env, XDG_RUNTIME_DIR: folder };
}
