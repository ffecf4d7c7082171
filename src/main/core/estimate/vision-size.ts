import { z } from 'zod';
import type { ModelSize } from '../../../shared/estimate/model-size.ts';

/* A number that is missing, or that no tower has, makes the part uncounted, not the configuration wrong. */
const count = (limit: number) => z.int().positive().max(limit).optional().catch(undefined);

/** The numbers of a `vision_config` that decide its size. */
export const visionConfig = z.object({
  model_type: z.string().max(100).optional().catch(undefined),
  hidden_act: z.string().max(100).optional().catch(undefined),
  hidden_size: count(65_536),
  num_hidden_layers: count(1024),
  /** What Qwen's towers call their layers. */
  depth: count(1024),
  intermediate_size: count(1_048_576),
  patch_size: count(1024),
});
type VisionConfig = z.infer<typeof visionConfig>;

/* Towers whose feed-forward has a gate, so three matrices instead of two, though their activation does not tell (transformers). */
const gated = /^(pixtral|gemma4_vision)$/;

/**
 * The part of a model that sees: layers of `4 x hidden² + 2 or 3 x hidden x intermediate`, the patches, and a projector of two matrices
 * (hidden to text, text to text) as LLaVA and Mistral have it. Without parameters when one of the numbers is missing.
 */
export function visionOf(config: VisionConfig, textHidden: number): NonNullable<ModelSize['vision']> {
  const { hidden_size: hidden, intermediate_size: inner, patch_size: patch } = config;
  const layers = config.num_hidden_layers ?? config.depth;
  if (!hidden || !inner || !patch || !layers) return {};
  const hasGate = config.hidden_act === 'silu' || gated.test(config.model_type ?? '');
  const layer = 4 * hidden * hidden + (hasGate ? 3 : 2) * hidden * inner;
  const projector = hidden * textHidden + textHidden * textHidden;
  return { parameters: layers * layer + 3 * patch * patch * hidden + projector };
}
