import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { modelfileText, ollamaWeights } from '../../src/main/core/serving/containers/ollama-container.ts';
import { freePort } from './site-stage.ts';

const run = promisify(execFile);

/** A real Ollama. */
export interface RealOllama {
  /** Its own root, as LiteLLM wants it. */
  url: string;
  /** Ending in /v1. */
  baseUrl: string;
  /** Copies a GGUF into its store, by the Modelfile that Sealift writes (and more lines), to be served with one thread. */
  create(model: string, ggufPath: string, contextTokens: number, ...lines: string[]): Promise<void>;
  stop(): Promise<void>;
}

/** Starts the `ollama` of this machine with an empty store, one request at a time. Returns why not where there is none: `.ci/ollama` builds one. */
export async function startOllama(folder: string): Promise<RealOllama | string> {
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
  const url = `http://${host}`;
  while (!(await answers(url))) {
    if (server.exitCode !== null) return `ollama serve ended with code ${server.exitCode}`;
    await sleep(100);
  }
  const create: RealOllama['create'] = async (model, ggufPath, contextTokens, ...lines) => {
    const modelfile = join(folder, 'Modelfile');
    const text = modelfileText(basename(ggufPath), contextTokens).replace(ollamaWeights, dirname(ggufPath));
    await writeFile(modelfile, `${text}PARAMETER num_thread 1\n${lines.join('\n')}\n`);
    await run('ollama', ['create', model, '-f', modelfile], { env });
  };
  const stop = async () => {
    server.kill();
    await gone;
  };
  return { url, baseUrl: `${url}/v1`, create, stop };
}

async function answers(url: string): Promise<boolean> {
  return fetch(`${url}/api/version`).then(
    ({ ok }) => ok,
    () => false,
  );
}
