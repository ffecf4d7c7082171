import { describe, expect, it } from 'vitest';
import { kvCacheBytes, kvCacheBytesPerToken } from '../../../src/main/core/estimate/kv-cache.ts';
import { vllmOverheadBytes } from '../../../src/main/core/estimate/overhead.ts';
import { weightsBytes } from '../../../src/main/core/estimate/weights.ts';

const kib = 1024;
const mistral7b = { layers: 32, kvHeads: 8, headDim: 128 };
const gptOss = { layers: 36, kvHeads: 8, headDim: 64, slidingLayers: 18, slidingWindowTokens: 128 };

describe('KV cache', () => {
  it('takes 0.125 MiB a token for Mistral 7B', () => {
    expect(kvCacheBytesPerToken(mistral7b)).toBe(0.125 * 1024 * kib);
    expect(kvCacheBytes(mistral7b, 32_768)).toBe(4 * 1024 ** 3);
  });

  it('takes 36 KiB a token for gpt-oss-120b, whose half of the layers sees a window only', () => {
    expect(kvCacheBytesPerToken(gptOss)).toBe(36 * kib);
    // 18 layers grow, 18 stay at 128 tokens of 2 KiB each.
    expect(kvCacheBytes(gptOss, 1000)).toBe(1000 * 36 * kib + 18 * 128 * 2 * kib);
  });

  it('counts a window that is not yet full as it is', () => {
    expect(kvCacheBytes(gptOss, 100)).toBe(100 * 72 * kib);
  });

  it('takes each sequence once', () => {
    expect(kvCacheBytes(mistral7b, 2048, 4)).toBe(4 * kvCacheBytes(mistral7b, 2048));
  });

  it.each([
    ['q8_0', 34 / 64],
    ['q4_0', 18 / 64],
    ['fp8', 1 / 2],
  ] as const)('in %s takes %f of what it takes in f16', (precision, share) => {
    expect(kvCacheBytes(mistral7b, 4096, 1, precision)).toBe(kvCacheBytes(mistral7b, 4096) * share);
  });
});

describe('weights', () => {
  it.each([
    [7_250_000_000, 'bf16', 14_500_000_000],
    [8_030_000_000, 'q8_0', 8_531_875_000],
    [1000, 'f32', 4000],
  ] as const)('of %i parameters in %s take %i bytes', (parameters, precision, bytes) => {
    expect(weightsBytes(parameters, precision)).toBe(bytes);
  });

  it('comes near what is published for gpt-oss-120b in its own precision (61 GB)', () => {
    const bytes = weightsBytes(116_800_000_000, 'mxfp4');
    expect(Math.abs(bytes - 61e9) / 61e9).toBeLessThan(0.03);
  });
});

describe('overhead', () => {
  it('counts each GPU', () => expect(vllmOverheadBytes(4)).toBe(4 * vllmOverheadBytes(1)));
});
