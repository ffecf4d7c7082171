import { describe, expect, it } from 'vitest';
import { planLines } from '../../../src/main/cli/plan-lines.ts';
import type { RankedPlan } from '../../../src/shared/contract/models.ts';

const plan: RankedPlan = {
  modelId: 'm',
  name: 'M 8B',
  engine: 'llamacpp',
  quantization: 'q4_k_m',
  isConverted: true,
  kvType: 'f16',
  tensorParallel: 1,
  pipelineParallel: 1,
  gpus: 0,
  contextTokens: 32_768,
  concurrency: 1,
  expectedConcurrency: 4,
  totalBytes: 1,
  verdict: 'fits-tight',
  isSlow: false,
  support: 'compatible',
  supportText: 'S.',
  source: 's',
  spread: [],
  whyNot: null,
};
const line = (change: Partial<RankedPlan>) => planLines({ plans: [{ ...plan, ...change }] })[2]?.trim();

describe('a plan in the terminal', () => {
  it('speaks in words, not in codes', () => {
    expect(line({})).toBe(
      '1 M 8B, embedded llama.cpp, q4_k_m, in main memory: fits tightly, compatible; room for 4 requests of 32,768 tokens',
    );
    expect(line({ engine: 'vllm', gpus: 2, expectedConcurrency: 1 })).toMatch(
      /vLLM, q4_k_m, on 2 GPUs: .* room for 1 request of 32,768 tokens$/,
    );
    expect(line({ verdict: 'not-known', expectedConcurrency: null })).toMatch(
      /: unknown, compatible; unknown room for requests of 32,768 tokens$/,
    );
  });
});
