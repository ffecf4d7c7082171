import { pathToFileURL } from 'node:url';
import { builtWorkers, keepRun, type Run } from './run-sealift.ts';

let loaded: Promise<typeof import('../src/main/cli/main.ts')> | undefined;

/** Runs a command line to its end by the built code, as `runSealift` does, but in this process: most of a short command is the start of its process. */
export async function runHere(...args: string[]): Promise<Run> {
  loaded ??= import(pathToFileURL(`${builtWorkers}/command-line.js`).href);
  const { main } = await loaded;
  let stdout = '';
  let stderr = '';
  const exitCode = await main(args, {
    built: builtWorkers,
    isWatched: false,
    out: (text) => {
      stdout += text;
    },
    err: (text) => {
      stderr += text;
    },
  });
  return keepRun(args, { exitCode, stdout, stderr });
}

/** The same while these variables are in the environment. */
export async function runHereWith(env: Record<string, string>, ...args: string[]): Promise<Run> {
  const before = Object.keys(env).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, env);
  try {
    return await runHere(...args);
  } finally {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }
}
