import type { Verdict } from './contract/estimate.ts';
import type { Engine } from './estimate/quantization.ts';

/** The verdicts in words, for the window and the terminal. */
export const verdictWords: Record<Verdict, string> = {
  fits: 'fits',
  'fits-tight': 'fits tightly',
  'does-not-fit': 'does not fit',
  'not-known': 'unknown',
};

/** Names of the engines that memory is estimated for. */
export const engineWords: Record<Engine, string> = { vllm: 'vLLM', llamacpp: 'embedded llama.cpp' };

/** Why a plan without a GPU is marked as slow. */
export const slowWords = 'Slow: without a GPU, every word requires reading all weights once.';
