import type { Llama, LlamaContext, LlamaEmbeddingContext, LlamaModel } from 'node-llama-cpp';
import { AppError, appError } from '../../../../shared/errors/app-error.ts';
import type { PartOf } from '../parts/parts.ts';
import { freeMemoryBytes } from './free-memory.ts';
import { type CheckedGguf, checkGguf } from './gguf-check.ts';
import { engineMissing, type LlamaLibrary, loadLlamaLibrary } from './llama-library.ts';
import { llamaBuffers, tellsBuffer } from './llama-log.ts';

/** A model in memory with a context of `slots` sequences. */
export interface LoadedModel {
  library: LlamaLibrary;
  llama: Llama;
  model: LlamaModel;
  context: LlamaContext;
  /** For a model whose file says how the vectors of its tokens become one. */
  embeddings: LlamaEmbeddingContext | undefined;
  gguf: CheckedGguf;
  /** The buffers that llama.cpp has reported, as from `llamaBuffers`; its log arrives a moment after the work. */
  buffers(): Record<string, number>;
  /** Tokens per slot: as configured, at most what the model was trained for. */
  contextTokens: number;
}

const batchTokens = 512;
/** The longest input of an embedding. */
export const maxEmbeddedTokens = 2048;

/**
 * Loads a GGUF with the llama.cpp of this installation; nothing is compiled or fetched. The last error lines of llama.cpp
 * become the cause. Throws `file.*`, `serving.gguf-*`, `serving.model-refused`, `serving.memory-short`, `serving.engine-missing`.
 */
export async function loadModel(config: PartOf<'llamacpp'>): Promise<LoadedModel> {
  const library = await loadLlamaLibrary();
  const gguf = await checkGguf(library, config.ggufPath);
  const said: string[] = [];
  const told: string[] = [];
  const llama = await startLlama(library, said, told);
  const contextTokens = Math.min(
    config.contextTokens,
    gguf.info.architectureMetadata.context_length ?? Number.POSITIVE_INFINITY,
  );
  await checkMemory(library, llama, gguf, contextTokens, config.slots);
  told.length = 0;
  const model = await llama.loadModel({ modelPath: config.ggufPath, useMmap: true }).catch((cause: unknown) => {
    throw appError('serving.model-refused', { path: config.ggufPath }, new Error(said.at(-1) ?? String(cause)));
  });
  const short = async (cause: unknown) => {
    if (!(cause instanceof library.InsufficientMemoryError)) throw cause;
    const { slots } = config;
    throw appError('serving.memory-short', { contextTokens, slots, freeBytes: await freeMemoryBytes() }, cause);
  };
  const { slots, threads } = config;
  const context = await model
    .createContext({ contextSize: contextTokens, sequences: slots, batchSize: batchTokens, threads })
    .catch(short);
  const embeddings = isEmbeddingModel(gguf)
    ? await model.createEmbeddingContext(embeddingSize(contextTokens, threads)).catch(short)
    : undefined;
  return {
    library,
    llama,
    model,
    context,
    embeddings,
    gguf,
    buffers: () => llamaBuffers(told),
    contextTokens: Math.min(contextTokens, model.trainContextSize),
  };
}

/** Mean, the first or the last token's vector (llama.cpp's `llama_pooling_type`); the others make no embedding. */
const poolings: readonly unknown[] = [1, 2, 3];

function isEmbeddingModel({ info }: CheckedGguf): boolean {
  return poolings.includes(info.architectureMetadata.pooling_type);
}

/** llama.cpp makes an embedding from the tokens of one batch, so an input is never longer than that. */
function embeddingSize(contextTokens: number, threads: number) {
  const size = Math.min(contextTokens, maxEmbeddedTokens);
  return { contextSize: size, batchSize: size, threads };
}

async function startLlama(library: LlamaLibrary, said: string[], told: string[]): Promise<Llama> {
  const logger = (level: string, message: string) => {
    if (tellsBuffer(message)) told.push(message.trim());
    if (level !== 'error' && level !== 'fatal') return;
    process.stderr.write(`llama.cpp: ${message.trimEnd()}\n`);
    said.push(message.trim());
    said.splice(0, said.length - 5);
  };
  const { LlamaLogLevel } = library;
  try {
    // "auto" takes a GPU binary when the installation has one that works here, else the CPU.
    return await library.getLlama({
      gpu: 'auto',
      build: 'never',
      skipDownload: true,
      maxThreads: 0,
      logLevel: LlamaLogLevel.info,
      logger,
    });
  } catch (cause) {
    throw engineMissing(cause);
  }
}

/** Checks llama.cpp's own estimate first, because the process aborts or is killed when memory runs out. */
async function checkMemory(
  library: LlamaLibrary,
  llama: Llama,
  gguf: CheckedGguf,
  contextTokens: number,
  slots: number,
): Promise<void> {
  if (llama.gpu !== false) return;
  try {
    const insights = await library.GgufInsights.from(gguf.info, llama);
    const weights = await insights.estimateModelResourceRequirementsV2({ gpuLayers: 0, useMmap: true });
    const context = await insights.estimateContextResourceRequirementsV2({
      contextSize: contextTokens,
      modelGpuLayers: 0,
      sequences: slots,
      batchSize: batchTokens,
    });
    const neededBytes = weights.cpuRam + context.cpuRam;
    const freeBytes = await freeMemoryBytes();
    if (neededBytes > freeBytes)
      throw appError('serving.memory-short', { contextTokens, slots, neededBytes, freeBytes });
  } catch (error) {
    // There is no estimate for an unknown architecture; loading reports the problem.
    if (error instanceof AppError) throw error;
  }
}
