import { describe, expect, it } from 'vitest';
import type { EstimateQuestion } from '../../../src/shared/contract/estimate.ts';
import type { Architecture } from '../../../src/shared/estimate/architecture.ts';
import { type Device, parseGpus } from '../../../src/shared/estimate/device.ts';
import { bareEstimate, doesFit, estimateMemory } from '../../../src/shared/estimate/estimate-memory.ts';
import { type KvNeed, kvBytesPerToken, kvCacheBytes } from '../../../src/shared/estimate/kv-cache.ts';
import { type ModelSize, weightsIn } from '../../../src/shared/estimate/model-size.ts';
import { weightsBytesOf } from '../../../src/shared/estimate/quantization.ts';
import { shareOut } from '../../../src/shared/estimate/share-out.ts';
import { estimateWithWay } from '../../../src/shared/estimate/way-to-fit.ts';

const kib = 1024;
const gib = 2 ** 30;
const mistral7b = { layers: 32, kvHeads: 8, headDim: 128, contextTokens: 32_768 };
const gptOss = {
  layers: 36,
  kvHeads: 8,
  headDim: 64,
  contextTokens: 131_072,
  slidingLayers: 18,
  slidingWindowTokens: 128,
};
// DeepSeek V3: 512 latent values and 64 of rotated keys for each token and layer.
const latent = { layers: 61, kvHeads: 128, headDim: 128, contextTokens: 163_840, latentDim: 576 };

// Gemma 4 31B: 50 layers look back over a window, 10 over all with fewer, larger heads.
const gemma4 = {
  layers: 60,
  kvHeads: 16,
  headDim: 256,
  contextTokens: 262_144,
  slidingLayers: 50,
  slidingWindowTokens: 1024,
  globalKvHeads: 4,
  globalHeadDim: 512,
};

const kv = (shape: Architecture, contextTokens: number, more: Partial<KvNeed> = {}) =>
  kvCacheBytes(shape, { engine: 'vllm', kvType: 'f16', sequences: 1, contextTokens, ...more });

describe('KV cache', () => {
  it('takes 128 KiB a token for Mistral 7B: 2 x 32 layers x 8 heads x 128 values x 2 bytes', () => {
    expect(kvBytesPerToken(mistral7b, { kvType: 'f16' })).toBe(128 * kib);
    expect(kv(mistral7b, 32_768)).toBe(4 * gib);
  });

  it('takes 36 KiB a token for gpt-oss-120b, whose half of the layers sees a window only', () => {
    expect(kvBytesPerToken(gptOss, { kvType: 'f16' })).toBe(36 * kib);
    // 18 layers grow, 18 stay at 128 tokens of 2 KiB each.
    expect(kv(gptOss, 1024)).toBe(1024 * 36 * kib + 18 * 128 * 2 * kib);
  });

  it('counts a window that is not yet full as it is', () => expect(kv(gptOss, 96)).toBe(96 * 72 * kib));

  it('pads to the engine: vLLM to 16 tokens, llama.cpp to 256, its window with a batch', () => {
    expect(kv(mistral7b, 17)).toBe(32 * 128 * kib);
    expect(kv(mistral7b, 17, { engine: 'llamacpp' })).toBe(256 * 128 * kib);
    // 18 layers of 8192, 18 of 128 + 513 padded to 768; 2 KiB each.
    expect(kv(gptOss, 8192, { engine: 'llamacpp' })).toBe(18 * (8192 + 768) * 2 * kib);
  });

  it('keeps one latent for all heads: 576 values x 2 bytes x 61 layers', () => {
    expect(kvBytesPerToken(latent, { kvType: 'f16' })).toBe(70_272);
    expect(kv(latent, 1600, { tensorParallel: 8 })).toBe(1600 * 70_272);
  });

  it('keeps for layers of two shapes what each keeps: 10 x 2 x 4 x 512 grow, 50 x 2 x 16 x 256 stay at the window', () => {
    expect(kvBytesPerToken(gemma4, { kvType: 'f16' })).toBe(10 * 2 * 4 * 512 * 2);
    expect(kv(gemma4, 8192)).toBe(8192 * 10 * 2 * 4 * 512 * 2 + 1024 * 50 * 2 * 16 * 256 * 2);
    expect(kv(gemma4, 8192, { tensorParallel: 8 })).toBe(8192 * 10 * 2 * 512 * 2 + 1024 * 50 * 2 * 2 * 256 * 2);
  });

  it('leaves out layers that keep no keys', () => {
    expect(kv({ ...mistral7b, kvLayers: 8 }, 1600)).toBe(kv(mistral7b, 1600) / 4);
  });

  it('splits heads over GPUs, down to one head each', () => {
    expect(kv(mistral7b, 1600, { tensorParallel: 4 })).toBe(kv(mistral7b, 1600) / 4);
    expect(kv(mistral7b, 1600, { tensorParallel: 16 })).toBe(kv(mistral7b, 1600) / 8);
  });

  it('takes each request once', () => expect(kv(mistral7b, 2048, { sequences: 4 })).toBe(4 * kv(mistral7b, 2048)));

  it.each([
    ['q8_0', 34 / 64],
    ['q5_1', 24 / 64],
    ['q4_0', 18 / 64],
    ['fp8', 1 / 2],
    ['f32', 2],
  ] as const)('in %s takes %f of what it takes in f16', (kvType, share) => {
    expect(kv(mistral7b, 4096, { kvType })).toBe(kv(mistral7b, 4096) * share);
  });
});

describe('weights', () => {
  it.each([
    [7_250_000_000, 'bf16', 14_500_000_000],
    [8_030_000_000, 'q8_0', 8_531_875_000],
    [8_030_000_000, 'q4_k_m', 4_912_754_000],
    [1024, 'awq', 532],
    [1024, 'int4', 576],
    [1000, 'f32', 4000],
  ] as const)('of %i parameters in %s take %i bytes', (parameters, name, bytes) => {
    expect(weightsBytesOf(parameters, name)).toBe(bytes);
  });

  it('come near what is published: gpt-oss-120b 61 GB, Llama 3.1 8B as Q4_K_M 4.9 GB, 70B 43.1 GB', () => {
    expect(weightsBytesOf(116_800_000_000, 'mxfp4') / 61e9).toBeCloseTo(1, 1);
    expect(weightsBytesOf(8_030_000_000, 'q4_k_m') / 4.9e9).toBeCloseTo(1, 1);
    expect(weightsBytesOf(70_600_000_000, 'q4_k_m') / 43.1e9).toBeCloseTo(1, 1);
  });

  it('come near the 595 GB of Kimi K2.5, of whose 1.03e12 parameters all but the experts stay in 16 bits', () => {
    expect(weightsBytesOf(1.03e12, 'int4') / 595e9).toBeCloseTo(1, 1);
  });

  it('leave the embeddings of formats of vLLM in 16 bits', () => {
    // 8.03e9 parameters, of which 2 x 128256 x 4096 are embeddings.
    const embeddings = 2 * 128_256 * 4096;
    const bytes = weightsBytesOf(8_030_000_000, 'fp8', { vocabulary: 128_256, embedding: 4096 });
    expect(bytes).toBe(8_030_000_000 + embeddings);
  });
});

describe('parseGpus', () => {
  it.each([
    ['80GiB', [80 * gib]],
    ['80GiB*2', [80 * gib, 80 * gib]],
    ['24GB', [24e9]],
    [' 80GiB x 2 , 48 GiB', [80 * gib, 80 * gib, 48 * gib]],
    ['40960MiB', [40 * gib]],
    ['1048576KiB, 1t', [gib, 1024 * gib]],
  ])('reads %j', (text, sizes) => {
    expect(parseGpus(text)?.map((one) => one.capacityBytes)).toEqual(sizes);
  });

  it.each([
    '',
    '80',
    'two',
    '80GiB*0',
    '80GiB*65',
    '0GiB',
    '1KiB',
    '-80GiB',
    '80GiB*2*2',
    '99999999GiB',
    '80GiB*1e3',
    '80GiB,,',
    'NaNGiB',
  ])('refuses %j', (text) => expect(parseGpus(text)).toBeUndefined());
});

describe('shareOut', () => {
  const gpus = (count: number) => parseGpus(`80GiB*${count}`) ?? [];
  it.each([
    [2, 2, 1],
    [3, 1, 3],
    [6, 2, 3],
  ])('%i GPUs in groups of %i: %i in turn', (count, tensorParallel, pipelineParallel) => {
    expect(shareOut('vllm', gpus(count), {}, tensorParallel)).toMatchObject({ tensorParallel, pipelineParallel });
  });

  it('gives whole layers to stages, the first ones more', () => {
    const { shares } = shareOut('vllm', gpus(3), { layers: 32 }, 1);
    expect(shares.map((one) => Math.round(one.layers * 32))).toEqual([11, 11, 10]);
  });

  it('gives llama.cpp layers by what is free', () => {
    const devices = [gpu(48, 48), gpu(24, 16)];
    expect(shareOut('llamacpp', devices, { layers: 32 }, 1).shares.map((one) => one.layers)).toEqual([0.75, 0.25]);
  });
});

function gpu(capacityGib: number, freeGib?: number): Device {
  const free = freeGib === undefined ? {} : { freeBytes: freeGib * gib };
  return { name: 'GPU', kind: 'gpu', capacityBytes: capacityGib * gib, ...free };
}

const model = (shape: Partial<Architecture>, bytes: number, quantization = 'bf16'): ModelSize => ({
  name: 'm',
  parameters: bytes / 2,
  weights: { bytes, quantization, origin: 'exact' },
  architecture: shape,
});
const ask = (more: Partial<EstimateQuestion> = {}): EstimateQuestion => ({
  engine: 'vllm',
  contextTokens: 32_768,
  concurrency: 1,
  ...more,
});

describe('the estimate for vLLM', () => {
  const seven = model(mistral7b, 14_500_000_000);

  it('is the sum of its parts, on each GPU and in all', () => {
    const two = estimateMemory(seven, ask({ tensorParallel: 2 }), [gpu(24), gpu(24)]);
    expect(two.devices.map((one) => one.weightsBytes)).toEqual([7_250_000_000, 7_250_000_000]);
    expect(two.devices.map((one) => one.kvCacheBytes)).toEqual([2 * gib, 2 * gib]);
    expect(two.totalBytes).toBe(14_500_000_000 + 4 * gib + 2 * 2_000_000_000);
    expect(two.interval?.lowBytes).toBeLessThan(two.totalBytes ?? 0);
    expect(two.interval?.highBytes).toBeGreaterThan(two.totalBytes ?? 0);
  });

  it('fills the pool: (0.9 x 24 GiB - 14.5 GB - 2 GB) / 128 KiB are 51,062 tokens, one request of 32,768', () => {
    const one = estimateMemory(seven, ask(), [gpu(24)]);
    const tokens = Math.floor((Math.floor(0.9 * 24 * gib) - 16_500_000_000) / (128 * kib));
    expect(tokens).toBe(51_062);
    expect(one).toMatchObject({ kvCapacityTokens: tokens, maxConcurrency: 1, verdict: 'fits-tight' });
  });

  it("comes near GitLab's figures for GPT-oss-120B when its 61 GB are GiB", () => {
    const oss = { ...model(gptOss, 61 * gib, 'mxfp4') };
    const rows: [string, number, number, number][] = [
      ['79.6GiB', 32_768, 0.95, 10],
      ['79.6GiB*2', 65_536, 0.9, 34],
      ['79.6GiB*4', 131_072, 0.95, 51],
      ['39.4GiB*4', 32_768, 0.9, 69],
    ];
    for (const [gpus, contextTokens, gpuMemoryUtilization, published] of rows) {
      const devices = parseGpus(gpus) ?? [];
      const { maxConcurrency } = estimateMemory(
        oss,
        ask({ contextTokens, gpuMemoryUtilization, tensorParallel: devices.length }),
        devices,
      );
      expect((maxConcurrency ?? 0) / published, gpus).toBeGreaterThan(0.85);
      expect((maxConcurrency ?? 0) / published, gpus).toBeLessThan(1.25);
    }
  });

  it('takes no more than is free, and says what to tell vLLM', () => {
    const busy = estimateMemory(seven, ask(), [gpu(80, 40)]);
    expect(busy.gpuMemoryUtilization).toBe(0.5);
    expect(busy.devices[0]?.usableBytes).toBe(40 * gib);
    expect(busy.notes.join()).toContain('--gpu-memory-utilization 0.5');
  });

  it('has no share to name where others hold nearly all of a GPU', () => {
    const taken = estimateMemory(seven, ask(), [gpu(80, 0.5)]);
    expect(taken).toMatchObject({ verdict: 'does-not-fit', devices: [{ usableBytes: 0 }] });
    expect(taken).not.toHaveProperty('gpuMemoryUtilization');
    expect(taken.notes.join()).not.toMatch(/utilization|0 %/);
    expect(taken.notes.join()).toContain('Other programs use nearly all');
    expect(estimateMemory(seven, ask(), [gpu(80, 5)]).gpuMemoryUtilization).toBe(0.06);
  });

  it('does not start when it is told to take more than is free', () => {
    const asked = estimateWithWay(seven, ask({ gpuMemoryUtilization: 0.9 }), [gpu(80, 40)]);
    expect(asked.verdict).toBe('does-not-fit');
    expect(asked.change?.set).toEqual({ gpuMemoryUtilization: 0.5 });
  });
});

describe('the estimate for llama.cpp', () => {
  it('counts weights, cache, compute and the process', () => {
    const memory: Device = { name: 'memory', kind: 'memory', capacityBytes: 64 * gib, freeBytes: 32 * gib };
    const shape = { ...mistral7b, vocabulary: 32_768, embedding: 4096, feedForward: 14_336 };
    const one = estimateMemory(
      model(shape, 14_500_000_000, 'f16'),
      ask({ engine: 'llamacpp', quantization: 'q4_k_m' }),
      [memory],
    );
    expect(one.weightsBytes).toBe(Math.round((7_250_000_000 * 4.8944) / 8));
    expect(one.kvCacheBytes).toBe(4 * gib);
    // The mask of 512 x 32768 x 2 bytes, and three feed-forwards of 512 tokens.
    expect(one.computeBytes).toBe(512 * 32_768 * 2 + 4 * 512 * 3 * 14_336);
    expect(one.verdict).toBe('fits');
  });
});

describe('what is not known', () => {
  it('names the numbers', () => {
    const bare = estimateMemory({ name: 'm', architecture: { layers: 32, headDim: 128 } }, ask(), [gpu(80)]);
    expect(bare).toMatchObject({
      verdict: 'not-known',
      totalBytes: null,
      maxContext: null,
      interval: null,
      change: null,
    });
    expect(bare.missing).toEqual(['size of the weights', 'number of key-value heads', 'maximum context']);
    expect(bare.reason).toContain('number of key-value heads');
  });

  it('names the layers with a window where layers have two shapes, and the index where there is one', () => {
    const { slidingLayers: _layers, ...half } = gemma4;
    expect(estimateMemory(model(half, 62e9), ask(), [gpu(80)]).missing).toEqual(['number of layers with a window']);
    const indexed = estimateMemory(model({ ...latent, indexHeadDim: 128 }, 62e9), ask(), [gpu(80)]);
    expect(indexed).toMatchObject({ verdict: 'not-known', kvCacheBytes: null });
    expect(indexed.missing).toEqual(['memory of the index next to keys and values']);
  });

  it('is sure of "does not fit" when the weights alone are too much', () => {
    expect(estimateMemory(model({}, 100e9), ask(), [gpu(24)])).toMatchObject({
      verdict: 'does-not-fit',
      totalBytes: null,
    });
  });

  it('is every number where there is no device', () => {
    expect(estimateMemory(model(mistral7b, 14e9), ask({ engine: 'llamacpp' }), [])).toMatchObject({
      verdict: 'not-known',
      weightsBytes: null,
      kvCacheBytes: null,
      computeBytes: null,
      overheadBytes: null,
      totalBytes: null,
      interval: null,
      kvCapacityTokens: null,
      maxContext: null,
      maxConcurrency: null,
    });
  });
});

describe('the uncertainty of weights', () => {
  const spreadOf = (size: ModelSize, more: Partial<EstimateQuestion> = {}) => {
    const { quantization } = estimateMemory(size, ask(more), [gpu(80)]);
    const { bytes = 0, low = 0, high = 0 } = weightsIn(size, quantization) ?? {};
    return [bytes, low, high];
  };
  const from = (origin: 'exact' | 'listed' | 'published' | 'counted'): ModelSize => {
    const size = model(mistral7b, 14e9);
    return { ...size, weights: { bytes: 14e9, quantization: 'bf16', origin } };
  };

  it('follows from where the number is: 1 % for a listing, GB or GiB for a round number', () => {
    expect(spreadOf(from('exact'))).toEqual([14e9, 1, 1]);
    expect(spreadOf(from('listed'))).toEqual([14e9, 0.99, 1.01]);
    expect(spreadOf(from('published'))[2]).toBeCloseTo(1.074, 3);
    const width = (size: ModelSize) => {
      const { lowBytes, highBytes } = estimateMemory(size, ask(), [gpu(80)]).interval ?? { lowBytes: 0, highBytes: 0 };
      return highBytes - lowBytes;
    };
    const wider = 14e9 * (2 ** 30 / 1e9 - 1) - 14e9 * 0.02;
    expect(Math.abs(width(from('published')) - width(from('listed')) - wider)).toBeLessThan(4);
  });

  it('is wider for int4 than for awq: its groups have 32 or 128 values, and much may stay in 16 bits', () => {
    expect(spreadOf(from('listed'), { quantization: 'int4' }).slice(1)).toEqual([0.91, 1.1]);
    expect(spreadOf(from('listed'), { quantization: 'awq' }).slice(1)).toEqual([0.98, 1.05]);
  });
});

describe('a vision model', () => {
  const blind = model(mistral7b, 14e9);
  const seeing: ModelSize = { ...blind, vision: { parameters: 400_000_000 } };
  const memory: Device = { name: 'memory', kind: 'memory', capacityBytes: 64 * gib, freeBytes: 60 * gib };
  const inMemory = ask({ engine: 'llamacpp', quantization: 'f16' });

  it('is loaded whole by vLLM, its vision part in 16 bits whatever the rest is in', () => {
    const bf16 = estimateMemory(seeing, ask(), [gpu(80)]);
    expect(bf16).toMatchObject({ weightsBytes: 14.8e9, visionBytes: 0.8e9 });
    expect(bf16.notes.join()).toContain('763 MiB of the weights');
    const fp8 = estimateMemory(seeing, ask({ quantization: 'fp8' }), [gpu(80)]);
    expect(fp8).toMatchObject({ weightsBytes: 7.8e9, visionBytes: 0.8e9 });
  });

  it('is loaded without its vision part by the embedded engine, and the estimate says so', () => {
    const one = estimateMemory(seeing, inMemory, [memory]);
    expect(one.weightsBytes).toBe(14e9);
    expect(one).not.toHaveProperty('visionBytes');
    expect(one.notes.join()).toContain('does not load');
    expect(one.interval).toEqual(estimateMemory(blind, inMemory, [memory]).interval);
  });

  it('has an upper end 2 GB higher where the size of its vision part is unknown', () => {
    const vague = estimateMemory({ ...blind, vision: {} }, ask(), [gpu(80)]);
    const plain = estimateMemory(blind, ask(), [gpu(80)]);
    expect(vague.weightsBytes).toBe(14e9);
    expect(vague).not.toHaveProperty('visionBytes');
    expect(vague.interval).toEqual({
      lowBytes: plain.interval?.lowBytes,
      highBytes: (plain.interval?.highBytes ?? 0) + 2e9,
    });
    expect(vague.notes.join()).toContain('not included');
  });

  it('does not mention a vision part where there is none', () => {
    for (const notes of [
      estimateMemory(blind, ask(), [gpu(80)]).notes,
      estimateMemory(blind, inMemory, [memory]).notes,
    ])
      expect(notes.join()).not.toContain('sees');
  });
});

describe('the limits and the remedies', () => {
  const sizes = [8e9, 16e9, 48e9, 140e9, 246e9];
  const questions = [
    ask(),
    ask({ concurrency: 32 }),
    ask({ contextTokens: 8192, concurrency: 200 }),
    ask({ engine: 'llamacpp', quantization: 'f16' }),
    ask({ engine: 'llamacpp', concurrency: 8, quantization: 'q8_0' }),
  ];
  const machines = ['16GiB', '24GiB*2', '80GiB', '80GiB*4'].map((text) => parseGpus(text) ?? []);
  const cases = sizes.flatMap((bytes) =>
    questions.flatMap((question) => machines.map((devices) => ({ bytes, question, devices }))),
  );

  it('are just inside: one more does not fit', () => {
    for (const { bytes, question, devices } of cases) {
      const size = model(mistral7b, bytes, 'f16');
      const { maxConcurrency, maxContext } = estimateMemory(size, question, devices);
      const fits = (set: Partial<EstimateQuestion>) => doesFit(bareEstimate(size, { ...question, ...set }, devices));
      if (maxConcurrency) expect(fits({ concurrency: maxConcurrency })).toBe(true);
      if ((maxConcurrency ?? 0) < 256) expect(fits({ concurrency: (maxConcurrency ?? 0) + 1 })).toBe(false);
      if (maxContext) expect(fits({ contextTokens: maxContext })).toBe(true);
      if ((maxContext ?? 0) < mistral7b.contextTokens)
        expect(fits({ contextTokens: (maxContext ?? 0) + 1 })).toBe(false);
    }
  });

  it('do not suggest one 4-bit format instead of another', () => {
    for (const quantization of ['int4', 'mxfp4']) {
      const { change } = estimateWithWay(model(mistral7b, 84e9, quantization), ask(), [gpu(80)]);
      expect(change?.set.quantization).toBeUndefined();
    }
  });

  it('name formats only that the GPUs can read: AWQ and FP8 need 7.5, GPTQ runs on 7.0, and AMD reads FP8 alone', () => {
    const way = (about: Partial<Device>, bytes = 48e9) => {
      const devices = [{ ...gpu(32), ...about }];
      return estimateWithWay(model(mistral7b, bytes), ask(), devices).change?.text;
    };
    expect(way({ computeCapability: 7 })).toBe('Use its weights as gptq.');
    expect(way({ computeCapability: 7.5 })).toBe('Use its weights as fp8.');
    expect(way({ computeCapability: 7.5 }, 80e9)).toBe('Use its weights as awq.');
    expect(way({})).toBe('Use its weights as fp8.');
    expect(way({ vendor: 'amd' })).toBe('Use its weights as fp8.');
    expect(way({ vendor: 'amd' }, 80e9)).toMatch(/^Use \d+ GPUs/);
  });

  it('spread more GPUs as they would be found', () => {
    const size = model({ ...mistral7b, heads: 32 }, 140e9, 'int4');
    const { change } = estimateWithWay(size, ask({ tensorParallel: 1 }), [gpu(80)]);
    expect(change).toEqual({
      text: 'Use 2 GPUs of 80.0 GiB, tensor parallel 2.',
      set: { deviceCount: 2, tensorParallel: 2 },
    });
  });

  it('make it fit when they are followed, and are shown only then', () => {
    const seen = new Set<string>();
    for (const { bytes, question, devices } of cases) {
      const size = model(mistral7b, bytes, 'f16');
      const { change, verdict } = estimateWithWay(size, question, devices);
      if (verdict !== 'does-not-fit') expect(change).toBeNull();
      if (!change) continue;
      const { deviceCount, ...set } = change.set;
      const places = deviceCount ? Array.from({ length: deviceCount }, () => devices[0] as Device) : devices;
      const followed = estimateMemory(size, { ...question, ...set } as EstimateQuestion, places);
      for (const one of followed.devices) {
        const { weightsBytes, kvCacheBytes, computeBytes, overheadBytes, usableBytes } = one;
        const needed = (weightsBytes ?? Number.NaN) + (kvCacheBytes ?? Number.NaN) + computeBytes + overheadBytes;
        expect([change.text, needed <= usableBytes]).toEqual([change.text, true]);
        expect(usableBytes).toBeLessThanOrEqual(one.freeBytes ?? one.capacityBytes);
      }
      seen.add(Object.keys(change.set).join());
    }
    expect([...seen].sort()).toEqual(expect.arrayContaining(['concurrency', 'deviceCount', 'quantization']));
  });
});
