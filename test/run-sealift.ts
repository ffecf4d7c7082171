import { type ChildProcess, spawn } from 'node:child_process';
import { resolve } from 'node:path';

/** The folder of the built entries. Tests and benches run in the root of the repository, benches from a bundle elsewhere. */
export const builtWorkers: string = resolve('out/main');

/** What a run of the built command line gave. */
export interface Run {
  exitCode: number | null;
  stdout: string;
  stderr: string;
  /** Standard output as JSON, when it is JSON. */
  json: { ok?: boolean; data?: unknown; error?: { code: string; message: string; details: Record<string, unknown> } };
}

/** The runs of this test file that did not end well, newest last: what a failed test prints. */
export const unwell: { args: string[]; run: Run }[] = [];

/** Starts the built command line, as a user would; `as`: another user, folder or environment. */
export function startSealift(
  args: string[],
  as: { uid?: number; gid?: number; cwd?: string; env?: NodeJS.ProcessEnv } = {},
): { child: ChildProcess; ended: Promise<Run> } {
  const child = spawn(process.execPath, [`${builtWorkers}/cli.js`, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    ...as,
  });
  const ended = new Promise<Run>((resolve) => {
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (piece) => {
      stdout += String(piece);
    });
    child.stderr.on('data', (piece) => {
      stderr += String(piece);
    });
    child.on('close', (exitCode) => {
      resolve(keepRun(args, { exitCode, stdout, stderr }));
    });
  });
  return { child, ended };
}

/** Runs the built command line to its end. */
export function runSealift(...args: string[]): Promise<Run> {
  return startSealift(args).ended;
}

/** Resolves when the process has said the words on stderr; it stays readable. */
export function untilSays(child: ChildProcess, words: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = '';
    child.stderr?.on('data', (chunk) => {
      said += String(chunk);
      if (said.includes(words)) resolve();
    });
    child.once('exit', () => reject(new Error(`ended before it said "${words}": ${said.slice(-1000)}`)));
  });
}

/** A run with its JSON; remembered when it did not end well. */
export function keepRun(args: string[], ended: Omit<Run, 'json'>): Run {
  const run = { ...ended, json: parse(ended.stdout) };
  if (run.exitCode !== 0) unwell.push({ args, run });
  return run;
}

function parse(text: string): Run['json'] {
  try {
    return JSON.parse(text) as Run['json'];
  } catch {
    return {};
  }
}
