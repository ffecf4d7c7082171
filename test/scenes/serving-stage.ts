import { closeSync, openSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { forkWorker } from '../../src/main/core/processes/fork.ts';
import { type TinyModelOptions, writeTinyModel } from '../../src/main/core/rehearse/tiny-model.ts';
import type { PartConfig, PartOf } from '../../src/main/core/serving/parts/parts.ts';
import { type StartedPart, startPart } from '../../src/main/core/serving/parts/start-part.ts';
import { builtWorkers } from '../run-sealift.ts';

/** A folder and the parts started in it; `close` ends and removes all, and shows no log of theirs. */
export interface ServingStage {
  folder: string;
  /** The front's API key. */
  apiKey: string;
  engine(model?: TinyModelOptions, config?: Partial<PartOf<'llamacpp'>>): Promise<StartedPart>;
  /** Any part, as it is configured. */
  start(config: PartConfig): Promise<StartedPart>;
  /** A front before a part, or before the server at a base URL. */
  front(upstream: StartedPart | string, config?: Partial<PartOf<'front'>>): Promise<StartedPart>;
  /** What all parts wrote to stdout and stderr. */
  log(): Promise<string>;
  close(): Promise<void>;
}

/** Makes a stage. */
export async function servingStage(): Promise<ServingStage> {
  const folder = await mkdtemp(join(tmpdir(), 'serving-'));
  const apiKey = 'sk-test-key-0123456789';
  const apiKeyFile = join(folder, 'key');
  await writeFile(apiKeyFile, `${apiKey}\n`);
  const parts: StartedPart[] = [];
  const start: typeof startPart = async (fork, config, options) => {
    const part = await startPart(fork, config, options);
    parts.push(part);
    return part;
  };
  const logPath = join(folder, 'log');
  const logFd = openSync(logPath, 'a');
  const fork = (worker: string) => forkWorker(join(builtWorkers, `${worker}.js`), { logFd });
  return {
    folder,
    apiKey,
    start: (config) => start(fork, config),
    engine: async (model = {}, config = {}) => {
      const { path } = await writeTinyModel(join(folder, `model-${parts.length}.gguf`), model);
      return start(fork, { ...engineConfig(path), ...config });
    },
    front: (upstream, config = {}) =>
      start(
        fork,
        {
          kind: 'front',
          name: 'front',
          host: '127.0.0.1',
          port: 0,
          servedName: 'tiny',
          contextTokens: 4096,
          upstream: typeof upstream === 'string' ? { url: upstream } : { part: upstream.config.name },
          apiKeyFile,
          ...config,
        },
        typeof upstream === 'string' ? {} : { upstream: upstream.address },
      ),
    log: () => readFile(logPath, 'utf8'),
    close: async () => {
      await Promise.all(parts.map((part) => part.stop()));
      closeSync(logFd);
      await rm(folder, { recursive: true });
    },
  };
}

/** The config of an engine with two slots of 4096 tokens. */
export function engineConfig(ggufPath: string): PartOf<'llamacpp'> {
  return { kind: 'llamacpp', name: 'model', ggufPath, servedName: 'tiny', contextTokens: 4096, threads: 1, slots: 2 };
}

/** An answer, read to its end. */
export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look at JSON of many shapes.
  json: any;
}

/** Sends one request to a part; objects go as JSON, anything else as it is. */
export async function send(
  part: StartedPart,
  key: string | undefined,
  path: string,
  body?: unknown,
  more: RequestInit = {},
): Promise<Answer> {
  const response = await fetch(`http://127.0.0.1:${part.address.port}${path}`, {
    ...(body !== undefined && {
      method: 'POST',
      body: typeof body === 'string' ? body : JSON.stringify(body),
    }),
    ...more,
    headers: {
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(key !== undefined && { authorization: `Bearer ${key}` }),
      ...more.headers,
    },
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, json: parsed(text) };
}

/** The data of each event of a stream; `[DONE]` stays text. */
// biome-ignore lint/suspicious/noExplicitAny: tests look at JSON of many shapes.
export function eventData(text: string): any[] {
  return text
    .split('\n\n')
    .filter((event) => event.startsWith('data: '))
    .map((event) => parsed(event.slice(6)) ?? event.slice(6));
}

/** The text of all chunks of a stream. */
export function streamedText(text: string): string {
  return eventData(text)
    .flatMap((event) => event.choices ?? [])
    .map((choice) => choice.delta?.content ?? '')
    .join('');
}

/** One user message. */
export function ask(content: unknown = 'hi'): { messages: object[] } {
  return { messages: [{ role: 'user', content }] };
}

/** Resolves when `check` holds for what the part measures of itself. */
export async function untilMeasured(
  part: StartedPart,
  check: (measured: Record<string, number | string | boolean>) => boolean,
): Promise<Record<string, number | string | boolean>> {
  for (;;) {
    const measured = await part.measure();
    if (check(measured)) return measured;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
