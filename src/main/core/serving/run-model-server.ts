import { availableParallelism } from 'node:os';
import { basename } from 'node:path';
import type { serving } from '../../../shared/contract/serving.ts';
import { appError } from '../../../shared/errors/app-error.ts';
import type { OutputOf, ParsedInputOf } from '../../../shared/rpc/contract.ts';
import type { Work } from '../jobs/work.ts';
import type { CorePorts } from '../ports.ts';
import { homePaths } from '../settings/paths.ts';
import { isLoopback } from '../site/host-kind.ts';
import { readApiKey } from './api-key.ts';
import { ensureApiKey } from './default-api-key.ts';
import { checkGgufHead } from './gguf-check.ts';
import { checkAddress } from './listen.ts';
import { baseUrl, type PartOf } from './parts.ts';
import { type StartedPart, startPart } from './start-part.ts';

type Input = ParsedInputOf<typeof serving.modelServer>;

/** A model server that answers. */
export type RunningServer = OutputOf<typeof serving.running>['servers'][number];

/**
 * Runs engine and front as processes of their own until `work` is cancelled or one of them ends; both are gone when it settles.
 * `ready` is told when requests are answered. Throws `serving.*` and `file.*`, and the signal's reason.
 */
export async function runModelServer(
  ports: CorePorts,
  input: Input,
  work: Work,
  ready: (server: RunningServer) => void,
): Promise<{ address: string }> {
  const apiKeyFile = input.apiKeyFile ?? homePaths(ports.home).modelServerKey;
  const isKeyNew = input.apiKeyFile === undefined && (await ensureApiKey(apiKeyFile));
  await readApiKey(apiKeyFile);
  // A port that is taken is better known before a large model is read than after.
  await checkAddress(input.host, input.port);
  if (!isLoopback(input.host))
    work.warn(`Other machines can reach ${input.host}: requests and the API key travel unencrypted.`);
  const model = servedNameOf(input.ggufPath);
  work.step('load', `Loading ${input.ggufPath}`);
  const engine = await startEngine(ports, input, model, work.signal);
  try {
    const { contextTokens, device } = await engineFacts(engine);
    if (contextTokens < input.contextTokens)
      work.warn(`The context is ${contextTokens} tokens: the model was trained for no more.`);
    const front = await startFront(ports, input, engine, { servedName: model, contextTokens, apiKeyFile }, work.signal);
    try {
      const address = baseUrl(front.address);
      ready({ address, model, contextTokens, device, apiKeyFile, isKeyNew });
      work.step('serve', `Serving ${model} at ${address}`);
      await untilOver([engine, front], work.signal);
      return { address };
    } finally {
      await front.stop();
    }
  } finally {
    await engine.stop();
  }
}

async function startEngine(
  ports: CorePorts,
  input: Input,
  servedName: string,
  signal: AbortSignal,
): Promise<StartedPart> {
  const { ggufPath, contextTokens, slots, threads = Math.min(availableParallelism(), 256) } = input;
  const config = { kind: 'llamacpp', name: 'model', ggufPath, servedName, contextTokens, threads, slots } as const;
  return startPart(ports.fork, config, { signal, readsBytes: await checkGgufHead(ggufPath) });
}

function startFront(
  { fork }: CorePorts,
  { host, port }: Input,
  engine: StartedPart,
  served: Pick<PartOf<'front'>, 'servedName' | 'contextTokens' | 'apiKeyFile'>,
  signal: AbortSignal,
): Promise<StartedPart> {
  const upstream = { part: engine.config.name };
  const config = { kind: 'front', name: 'front', host, port, upstream, ...served } as const;
  return startPart(fork, config, { upstream: engine.address, signal });
}

async function engineFacts(engine: StartedPart): Promise<{ contextTokens: number; device: string }> {
  const { contextTokens, device } = await engine.measure();
  return { contextTokens: Number(contextTokens), device: String(device) };
}

/** Throws when a part ends, or the signal's reason. */
async function untilOver(parts: readonly StartedPart[], signal: AbortSignal): Promise<never> {
  const over = new AbortController();
  const cancelled = new Promise<never>((_resolve, reject) => {
    const stop = () => reject(signal.reason);
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { signal: over.signal });
  });
  const ends = parts.map(({ config, exited }) =>
    exited.then((end) => {
      throw appError('serving.part-ended', { part: config.name, ...end });
    }),
  );
  try {
    return await Promise.race([cancelled, ...ends]);
  } finally {
    over.abort();
    for (const end of ends) end.catch(() => undefined);
  }
}

/** A model's name from its file's: `Mistral 7B (Q4).gguf` is served as `mistral-7b-q4`. */
export function servedNameOf(ggufPath: string): string {
  const name = basename(ggufPath)
    .toLowerCase()
    .replace(/\.gguf$/, '')
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[^a-z0-9]+|[^a-z0-9]+$/g, '');
  return name.slice(0, 63) || 'model';
}
