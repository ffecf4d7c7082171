import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

/**
 * When a process started, as the system writes it ('' when there is no such process or the system does not tell):
 * a pid together with this text names one process, also after the pid was used again. Linux: field 22 of /proc/<pid>/stat.
 */
export async function processStart(pid: number): Promise<string> {
  if (process.platform === 'linux') {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // A zombie has ended: it only waits for its parent.
    return fields[0] === 'Z' ? '' : (fields[19] ?? '');
  }
  if (process.platform === 'win32') return isRunning(pid) ? 'unknown' : '';
  const { stdout } = await promisify(execFile)('ps', ['-o', 'lstart=', '-p', String(pid)]).catch(() => ({
    stdout: '',
  }));
  return stdout.trim();
}

/** True when the process that had this pid and start is still running. */
export async function isSameProcess(pid: number, start: string): Promise<boolean> {
  const now = await processStart(pid);
  return now !== '' && now === start;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
