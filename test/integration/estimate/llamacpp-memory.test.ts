import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Llama } from 'node-llama-cpp';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { loadLlamaLibrary } from '../../../src/main/core/serving/llamacpp/llama-library.ts';
import { llamaBuffers } from '../../../src/main/core/serving/llamacpp/llama-log.ts';
import { readGgufSize } from '../../../src/main/core/weights/gguf-size.ts';
import { estimateMemory } from '../../../src/shared/estimate/estimate-memory.ts';
import type { KvType } from '../../../src/shared/estimate/kv-cache.ts';
import { type ModelShape, writeShapedModel } from '../../scenes/shaped-model.ts';

const lines: string[] = [];
let folder: string;
let llama: Llama;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sealift-memory-'));
  const library = await loadLlamaLibrary();
  const logLevel = library.LlamaLogLevel.debug;
  llama = await library.getLlama({
    gpu: false,
    build: 'never',
    skipDownload: true,
    logLevel,
    logger: (_level, line) => lines.push(line),
  });
});
afterAll(async () => {
  await llama?.dispose();
  await rm(folder, { recursive: true, force: true });
});

const full = { architecture: 'llama', layers: 4, heads: 8, kvHeads: 8, headDim: 32, contextTokens: 32_768 } as const;
const grouped = { ...full, kvHeads: 2, headDim: 64 };
const window = { ...grouped, architecture: 'cohere2', layers: 8, windowTokens: 1024 } as const;

const mixture = { ...grouped, experts: 8 };
const single = { ...grouped, kvHeads: 1 };

describe('the estimate next to what llama.cpp uses', () => {
  it.each<[string, ModelShape, number, number, KvType?]>([
    ['a head of its own for each', full, 8192, 1],
    ['heads in groups, four requests', grouped, 8192, 4],
    ['a context that needs padding', grouped, 1000, 2],
    ['many heads and a long context', { ...grouped, heads: 32 }, 32_768, 1],
    ['a window in three of four layers', window, 8192, 1],
    ['a window, four requests', window, 8192, 4],
    ['a window that needs padding', { ...window, windowTokens: 4000 }, 8192, 3],
    ['one head of keys for all, two requests', single, 8192, 2],
    ['a mixture of eight experts', mixture, 8192, 1],
    ['keys and values as q8_0', grouped, 8192, 2, 'q8_0'],
    ['keys and values as q4_0', grouped, 16_384, 1, 'q4_0'],
    ['a very long context', { ...grouped, contextTokens: 262_144 }, 262_144, 1],
    ['a window and a long context', { ...window, contextTokens: 131_072 }, 131_072, 1],
  ])(
    '%s: KV cache within 3 %, the buffer for work within a third',
    async (_name, shape, contextTokens, concurrency, kvType) => {
      const path = join(folder, 'model.gguf');
      await writeShapedModel(path, shape);
      const memory = [{ name: 'memory', kind: 'memory' as const, capacityBytes: 2 ** 36 }];
      const question = { engine: 'llamacpp' as const, contextTokens, concurrency, ...(kvType && { kvType }) };
      const estimate = estimateMemory(await readGgufSize(path), question, memory);
      lines.length = 0;
      const model = await llama.loadModel({ modelPath: path });
      const type = kvType?.toUpperCase() as 'Q8_0' | undefined;
      const context = await model.createContext({
        contextSize: contextTokens,
        sequences: concurrency,
        batchSize: 512,
        ...(type && { experimentalKvCacheKeyType: type, experimentalKvCacheValueType: type }),
      });
      // The log arrives a moment after the work; the buffer for work is told last.
      const told = () => llamaBuffers(lines.map((line) => line.trim()));
      await vi.waitUntil(() => told().computeBytes !== undefined && /compute buffer/.test(lines.join()));
      const took = told();
      await context.dispose();
      await model.dispose();
      expect(Math.abs((estimate.kvCacheBytes ?? 0) / (took.kvCacheBytes ?? 0) - 1)).toBeLessThan(0.03);
      const compute = (estimate.computeBytes ?? 0) / (took.computeBytes ?? 0);
      expect(compute).toBeGreaterThan(0.66);
      expect(compute).toBeLessThan(1.5);
    },
  );
});
