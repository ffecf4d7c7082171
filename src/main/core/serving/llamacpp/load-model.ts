import type { Llama, LlamaContext, LlamaEmbeddingContext, LlamaModel } from 'node-llama-cpp';
import { AppError, appError } from '../../../../shared/errors/app-error.ts';
import type { PartOf } from '../parts/parts.ts';
import { chooseLlama } from './choose-llama.ts';
import { layersThatFit } from './device-layers.ts';
import { driverMemory } from './driver-memory.ts';
import { freeMemoryBytes } from './free-memory.ts';
import { type CheckedGguf, checkGguf } from './gguf-check.ts';
import { type LlamaLibrary, loadLlamaLibrary } from './llama-library.ts';
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
  device: LoadedDevice;
  /** The buffers that llama.cpp has reported, as from `llamaBuffers`; its log arrives a moment after the work. */
  buffers(): Record<string, number>;
  /** Tokens per slot: as configured, at most what the model was trained for. */
  contextTokens: number;
}

/** What the model runs on, as it was measured once it was loaded. */
export interface LoadedDevice {
  /** The devices that hold layers, as the driver calls them; none for the CPU. */
  names: string[];
  /** What llama.cpp allocated on them. */
  allocatedBytes: number;
  /** What the NVIDIA driver counts for this process; undefined where it does not say. */
  driverBytes: number | undefined;
  /** Why variants for a GPU are not used, one line each. */
  refused: string[];
}

const batchTokens = 512;
/** The longest input of an embedding. */
export const maxEmbeddedTokens = 2048;

/**
 * Loads a GGUF with a variant of llama.cpp that finds a device, or with that of this installation; nothing is compiled or fetched. `tryEntry`
 * is the built worker that tries variants. The last error lines of llama.cpp become the cause. Throws `file.*`, `serving.gguf-*`, `serving.model-refused`, `serving.memory-short`, `serving.engine-missing`.
 */
export async function loadModel(config: PartOf<'llamacpp'>, tryEntry: string): Promise<LoadedModel> {
  const library = await loadLlamaLibrary();
  const gguf = await checkGguf(library, config.ggufPath);
  const said: string[] = [];
  const told: string[] = [];
  const { variants = [], slots, threads } = config;
  const { llama, refused } = await chooseLlama(library, variants, { tryEntry, logger: llamaLogger(said, told) });
  const contextTokens = Math.min(
    config.contextTokens,
    gguf.info.architectureMetadata.context_length ?? Number.POSITIVE_INFINITY,
  );
  const gpuLayers = await layersFor(library, llama, gguf, contextTokens, slots);
  told.length = 0;
  const wanted = { modelPath: config.ggufPath, useMmap: true, ...(gpuLayers !== undefined && { gpuLayers }) };
  const model = await llama.loadModel(wanted).catch((cause: unknown) => {
    throw appError('serving.model-refused', { path: config.ggufPath }, new Error(said.at(-1) ?? String(cause)));
  });
  const short = async (cause: unknown) => {
    if (!(cause instanceof library.InsufficientMemoryError)) throw cause;
    throw appError('serving.memory-short', { contextTokens, slots, freeBytes: await freeMemoryBytes() }, cause);
  };
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
    device: await measureDevice(llama, model.gpuLayers, refused),
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

async function measureDevice(llama: Llama, gpuLayers: number, refused: string[]): Promise<LoadedDevice> {
  const { gpuVram: allocatedBytes } = await llama.getLlamaMemoryUsage();
  const names = gpuLayers > 0 && allocatedBytes > 0 ? await llama.getGpuDeviceNames() : [];
  const driverBytes = llama.gpu === 'cuda' ? await driverMemory(process.pid) : undefined;
  return { names, allocatedBytes, driverBytes, refused };
}

/** Keeps the errors that llama.cpp logs last, and the lines about buffers. */
function llamaLogger(said: string[], told: string[]) {
  return (level: string, message: string) => {
    if (tellsBuffer(message)) told.push(message.trim());
    if (level !== 'error' && level !== 'fatal') return;
    process.stderr.write(`llama.cpp: ${message.trimEnd()}\n`);
    said.push(message.trim());
    said.splice(0, said.length - 5);
  };
}

/**
 * Returns how many layers go to the device: as many as its free memory takes. Checks llama.cpp's own estimate of this machine's memory for
 * the rest, because the process aborts or is killed when memory runs out.
 */
async function layersFor(
  library: LlamaLibrary,
  llama: Llama,
  gguf: CheckedGguf,
  contextTokens: number,
  slots: number,
): Promise<number | undefined> {
  try {
    const insights = await library.GgufInsights.from(gguf.info, llama);
    const needs = async (layers: number) => {
      const weights = await insights.estimateModelResourceRequirementsV2({ gpuLayers: layers, useMmap: true });
      const context = await insights.estimateContextResourceRequirementsV2({
        contextSize: contextTokens,
        modelGpuLayers: layers,
        sequences: slots,
        batchSize: batchTokens,
      });
      return { ram: weights.cpuRam + context.cpuRam, vram: weights.gpuVram + context.gpuVram };
    };
    const onDevice = async (layers: number) => (await needs(layers)).vram;
    const layers =
      llama.gpu === false
        ? 0
        : await layersThatFit(
            insights.totalLayers,
            (await llama.getVramState()).free - llama.vramPaddingSize,
            onDevice,
          );
    const { ram: neededBytes } = await needs(layers);
    const freeBytes = await freeMemoryBytes();
    if (neededBytes > freeBytes)
      throw appError('serving.memory-short', { contextTokens, slots, neededBytes, freeBytes });
    return layers;
  } catch (error) {
    // There is no estimate for an unknown architecture; loading reports the problem.
    if (error instanceof AppError) throw error;
    return undefined;
  }
}
