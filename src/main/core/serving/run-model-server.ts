import { availableParallelism } from 'node:os';
import { basename } from 'node:path';
import type { serving } from '../../../shared/contract/serving.ts';
import { appError } from '../../../shared/errors/app-error.ts';
import type { OutputOf, ParsedInputOf } from '../../../shared/rpc/contract.ts';
import { isLoopback } from '../http/network-host.ts';
import type { CorePorts } from '../ports.ts';
import { servedGgufAt } from '../weights/folder/model-at-path.ts';
import { readGgufHeader } from '../weights/read-gguf-header.ts';
import type { Work } from '../work.ts';
import { readApiKey } from './api-key.ts';
import { ensureApiKey } from './default-api-key.ts';
import { checkAddress } from './parts/listen.ts';
import { baseUrl, type PartOf } from './parts/parts.ts';
import { type StartedPart, startPart } from './parts/start-part.ts';
import { untilHung } from './parts/until-hung.ts';
import { storedVariants, unpackVariant, variantsFor } from './variants/stored-variants.ts';

type Input = ParsedInputOf<typeof serving.modelServer>;

/** A model server that answers. */
export type RunningServer = OutputOf<typeof serving.running>['servers'][number];

/**
 * Runs engine and front in processes of their own until `work` is cancelled or one of them ends; both are gone when it settles.
 * Calls `ready` once requests are answered. Throws `serving.*` and `file.*`, and the signal's reason.
 */
export async function runModelServer(
  ports: CorePorts,
  input: Input,
  work: Work,
  ready: (server: RunningServer) => void,
): Promise<{ address: string }> {
  const apiKeyFile = input.apiKeyFile ?? ports.paths.modelServerKey;
  const isKeyNew = input.apiKeyFile === undefined && (await ensureApiKey(apiKeyFile));
  await readApiKey(apiKeyFile);
  // Report a taken port before a large model is read, not after.
  await checkAddress(input.host, input.port, '--port');
  if (!isLoopback(input.host))
    work.warn(`Other machines can reach ${input.host}: requests and the API key travel unencrypted.`);
  const ggufPath = await servedGgufAt(input.ggufPath);
  const model = servedNameOf(ggufPath);
  work.step('load', `Loading ${ggufPath}`);
  const engine = await startEngine(ports, { ...input, ggufPath }, model, work);
  try {
    const { contextTokens, device } = await engineFacts(engine);
    if (contextTokens < input.contextTokens)
      work.warn(`The context is ${contextTokens} tokens, the most that the model was trained for.`);
    const front = await startFront(ports, input, engine, { servedName: model, contextTokens, apiKeyFile }, work.signal);
    try {
      const address = baseUrl(front.address);
      ready({ address, model, contextTokens, device, apiKeyFile, isKeyNew });
      work.step('serve', `Serving ${model} at ${address}`);
      await untilOver([engine, front], engine, work.signal);
      return { address };
    } finally {
      await front.stop();
    }
  } finally {
    await engine.stop();
  }
}

async function startEngine(ports: CorePorts, input: Input, servedName: string, work: Work): Promise<StartedPart> {
  const { ggufPath, contextTokens, slots, threads = Math.min(availableParallelism(), 256) } = input;
  const variants = await storedVariants(ports);
  for (const one of variants) await unpackVariant(one, work.signal);
  const own = { kind: 'llamacpp', name: 'model', ggufPath, servedName, contextTokens, threads, slots } as const;
  const config = { ...own, ...variantsFor(variants) };
  const { sizeBytes: readsBytes } = await readGgufHeader(ggufPath);
  return startPart(ports.fork, config, { signal: work.signal, readsBytes });
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

/** Throws when a part ends, when the engine hangs, or the signal's reason. */
async function untilOver(parts: readonly StartedPart[], engine: StartedPart, signal: AbortSignal): Promise<never> {
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
  const hung = untilHung(engine, over.signal);
  try {
    return await Promise.race([cancelled, hung, ...ends]);
  } finally {
    over.abort();
    for (const end of [hung, ...ends]) end.catch(() => undefined);
  }
}

/** Derives a model's name from its file name: `Mistral 7B (Q4).gguf` is served as `mistral-7b-q4`. */
export function servedNameOf(ggufPath: string): string {
  const name = basename(ggufPath)
    .toLowerCase()
    .replace(/\.gguf$/, '')
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[^a-z0-9]+|[^a-z0-9]+$/g, '');
  return name.slice(0, 63) || 'model';
}
