import type { Verdict } from './contract/estimate.ts';
import type { Engine } from './estimate/quantization.ts';

/** The verdicts as people read them, in window and terminal. */
export const verdictWords: Record<Verdict, string> = {
  fits: 'fits',
  'fits-tight': 'fits tightly',
  'does-not-fit': 'does not fit',
  'not-known': 'not known',
};

/** The engines that memory is reckoned for, by their names. */
export const engineWords: Record<Engine, string> = { vllm: 'vLLM', llamacpp: 'embedded llama.cpp' };

/** Why a plan without a GPU is called slow. */
export const slowWords = 'Slow: without a GPU each word reads all weights once.';
