import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { freePort } from './site-stage.ts';

const run = promisify(execFile);

/** A real Ollama that serves one model as `bench`. */
export interface RealOllama {
  /** Ending in /v1. */
  baseUrl: string;
  stop(): Promise<void>;
}

/**
 * Starts the `ollama` of this machine with a copy of a GGUF, one thread and one request at a time. Returns why not where there is none. Version
 * 0.6.5 can be built with Go alone: `CGO_ENABLED=1 go install github.com/ollama/ollama@v0.6.5`.
 */
export async function startOllama(folder: string, ggufPath: string): Promise<RealOllama | string> {
  const isThere = await run('ollama', ['--version']).then(
    () => true,
    () => false,
  );
  if (!isThere) return 'there is no ollama on the PATH';
  const host = `127.0.0.1:${await freePort()}`;
  const models = join(folder, 'ollama');
  const env = { ...process.env, HOME: models, OLLAMA_HOST: host, OLLAMA_MODELS: models, OLLAMA_NUM_PARALLEL: '1' };
  const server = spawn('ollama', ['serve'], { env, stdio: 'ignore' });
  const gone = once(server, 'exit');
  const stop = async () => {
    server.kill();
    await gone;
  };
  const modelfile = join(folder, 'Modelfile');
  await writeFile(modelfile, `FROM ${ggufPath}\nPARAMETER num_ctx 4096\nPARAMETER num_thread 1\n`);
  try {
    while (!(await answers(host))) {
      if (server.exitCode !== null) return `ollama serve ended with code ${server.exitCode}`;
      await sleep(100);
    }
    await run('ollama', ['create', 'bench', '-f', modelfile], { env });
    return { baseUrl: `http://${host}/v1`, stop };
  } catch (error) {
    await stop();
    return `ollama create failed: ${(error as Error).message}`;
  }
}

async function answers(host: string): Promise<boolean> {
  return fetch(`http://${host}/v1/models`).then(
    ({ ok }) => ok,
    () => false,
  );
}
