import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stringify } from 'yaml';
import { litellmEnv } from '../../src/main/core/serving/containers/litellm-container.ts';
import { freePort } from './site-stage.ts';

/** LiteLLM's program, by the variable that `.ci/litellm` is for; empty where there is none. */
export const litellmProgram = process.env.SEALIFT_TEST_LITELLM ?? '';

/** A real LiteLLM. */
export interface RealLitellm {
  /** Ending in /v1. */
  baseUrl: string;
  stop(): Promise<void>;
}

/** Starts LiteLLM's proxy with a configuration, and with the environment that Sealift gives its container. Throws when it ends early. */
export async function startLitellm(folder: string, config: object, ollamaUrl: string): Promise<RealLitellm> {
  const path = join(folder, 'litellm.yaml');
  await writeFile(path, stringify(config));
  const port = await freePort();
  const args = ['--config', path, '--host', '127.0.0.1', '--port', String(port)];
  const env = { ...process.env, HOME: folder, ...litellmEnv(ollamaUrl) };
  const server = spawn(litellmProgram, args, { env, stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  server.stderr.on('data', (piece) => {
    said = `${said}${String(piece)}`.slice(-4000);
  });
  const gone = once(server, 'exit');
  const url = `http://127.0.0.1:${port}`;
  while (!(await isAlive(url))) {
    if (server.exitCode !== null) throw new Error(`litellm ended with code ${server.exitCode}: ${said}`);
    await sleep(200);
  }
  const stop = async () => {
    server.kill();
    await gone;
  };
  return { baseUrl: `${url}/v1`, stop };
}

async function isAlive(url: string): Promise<boolean> {
  return fetch(`${url}/health/liveliness`).then(
    ({ ok }) => ok,
    () => false,
  );
}
