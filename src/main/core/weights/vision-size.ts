import { z } from 'zod';
import type { ModelSize } from '../../../shared/estimate/model-size.ts';

/* A number that is missing, or that no tower has, makes the part uncounted, not the configuration wrong. */
const count = (limit: number) => z.int().positive().max(limit).optional().catch(undefined);

/** The numbers of a `vision_config` or `audio_config` that determine its size. */
const senseConfig = z.object({
  model_type: z.string().max(100).optional().catch(undefined),
  hidden_act: z.string().max(100).optional().catch(undefined),
  hidden_size: count(65_536),
  num_hidden_layers: count(1024),
  /** What Qwen's towers call their layers. */
  depth: count(1024),
  intermediate_size: count(1_048_576),
  patch_size: count(1024),
  /** What Whisper's encoder calls the same. */
  d_model: count(65_536),
  encoder_layers: count(1024),
  encoder_ffn_dim: count(1_048_576),
});
type SenseConfig = z.infer<typeof senseConfig>;

/* Towers whose feed-forward has a gate, so three matrices instead of two, though their activation does not tell (transformers). */
const gated = /^(pixtral|gemma4_vision)$/;

/**
 * The parts of a model that see or hear, by their keys. Without parameters when the size of one of them is not known.
 */
export function visionOf(senses: Record<string, unknown>, textHidden: number): NonNullable<ModelSize['vision']> {
  const sizes = Object.values(senses).map((one) => partOf(senseConfig.parse(one), textHidden));
  if (sizes.includes(undefined)) return {};
  return { parameters: sizes.reduce<number>((sum, one) => sum + (one ?? 0), 0) };
}

/**
 * Layers of `4 x hidden² + 2 or 3 x hidden x intermediate`, the patches, and a projector of two matrices (hidden to text, text to text)
 * as LLaVA and Mistral have it.
 */
function partOf(config: SenseConfig, textHidden: number): number | undefined {
  const { intermediate_size: inner = config.encoder_ffn_dim, hidden_size: hidden = config.d_model } = config;
  const layers = config.num_hidden_layers ?? config.depth ?? config.encoder_layers;
  const patch = config.patch_size ?? (config.encoder_layers === undefined ? undefined : 1);
  if (!hidden || !inner || !patch || !layers) return undefined;
  const hasGate = config.hidden_act === 'silu' || gated.test(config.model_type ?? '');
  const layer = 4 * hidden * hidden + (hasGate ? 3 : 2) * hidden * inner;
  const projector = hidden * textHidden + textHidden * textHidden;
  return layers * layer + 3 * patch * patch * hidden + projector;
}
