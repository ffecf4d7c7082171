import type { Llama } from 'node-llama-cpp';
import { importFrom } from './import-from.ts';
import { engineMissing, type LlamaLibrary } from './llama-library.ts';
import { type EngineVariant, type TriedVariant, tryVariant } from './try-variant.ts';

/** llama.cpp in this process, and why it is not one of the variants before it. */
export interface ChosenLlama {
  llama: Llama;
  /** What each variant that cannot be used answered, such as `vulkan: it finds no device`. */
  refused: string[];
}

type Logger = (level: string, message: string) => void;

/**
 * Loads the first variant that finds a device, else the llama.cpp of this installation (Metal on a Mac, the CPU elsewhere). Each is tried in
 * the built worker `tryEntry` first. Throws `serving.engine-missing`.
 */
export async function chooseLlama(
  library: LlamaLibrary,
  variants: readonly EngineVariant[],
  { tryEntry, logger }: { tryEntry: string; logger: Logger },
): Promise<ChosenLlama> {
  const { chosen, refused } = await firstUsable(variants, (one) => tryVariant(one, tryEntry));
  for (const line of refused) process.stderr.write(`llama.cpp cannot use ${line}\n`);
  if (chosen) importFrom(chosen.packages);
  try {
    const llama = await library.getLlama({
      gpu: chosen?.gpu ?? (process.platform === 'darwin' ? 'auto' : false),
      build: 'never',
      skipDownload: true,
      maxThreads: 0,
      logLevel: library.LlamaLogLevel.info,
      logger,
    });
    return { llama, refused };
  } catch (cause) {
    throw engineMissing(cause);
  }
}

/** Returns the first variant with a device, and what the ones before it answered. */
export async function firstUsable(
  variants: readonly EngineVariant[],
  tryOne: (variant: EngineVariant) => Promise<TriedVariant>,
): Promise<{ chosen: EngineVariant | undefined; refused: string[] }> {
  const refused: string[] = [];
  for (const variant of variants) {
    const answer = await tryOne(variant);
    if ('devices' in answer) return { chosen: variant, refused };
    refused.push(`${variant.gpu}: ${answer.problem}`);
  }
  return { chosen: undefined, refused };
}
