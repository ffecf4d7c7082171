import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Llama } from 'node-llama-cpp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readGgufSize } from '../../../src/main/core/estimate/gguf-size.ts';
import { loadLlamaLibrary } from '../../../src/main/core/serving/llama-library.ts';
import { estimateMemory } from '../../../src/shared/estimate/estimate-memory.ts';
import { type ModelShape, writeShapedModel } from '../../fakes/shaped-model.ts';

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

describe('the estimate beside what llama.cpp takes', () => {
  it.each<[string, ModelShape, number, number]>([
    ['a head of its own for each', full, 8192, 1],
    ['heads in groups, four requests', grouped, 8192, 4],
    ['a context that needs padding', grouped, 1000, 2],
    ['many heads and a long context', { ...grouped, heads: 32 }, 32_768, 1],
    ['a window in three of four layers', window, 8192, 1],
    ['a window, four requests', window, 8192, 4],
    ['a window that needs padding', { ...window, windowTokens: 4000 }, 8192, 3],
  ])(
    '%s: KV cache within 3 %, the buffer for work within a third',
    async (_name, shape, contextTokens, concurrency) => {
      const path = join(folder, 'model.gguf');
      await writeShapedModel(path, shape);
      const memory = [{ name: 'memory', kind: 'memory' as const, capacityBytes: 2 ** 36 }];
      const question = { engine: 'llamacpp' as const, contextTokens, concurrency };
      const estimate = estimateMemory(await readGgufSize(path), question, memory);
      lines.length = 0;
      const model = await llama.loadModel({ modelPath: path });
      const context = await model.createContext({ contextSize: contextTokens, sequences: concurrency, batchSize: 512 });
      await context.dispose();
      await model.dispose();
      const kv = (estimate.kvCacheBytes ?? 0) / 2 ** 20 / mebibytesOf(/KV buffer size = +([\d.]+) MiB/);
      expect(Math.abs(kv - 1)).toBeLessThan(0.03);
      const compute = estimate.computeBytes / 2 ** 20 / mebibytesOf(/CPU compute buffer size = +([\d.]+) MiB/);
      expect(compute).toBeGreaterThan(0.66);
      expect(compute).toBeLessThan(1.5);
    },
  );
});

/** The sum of what llama.cpp logged about a buffer. */
function mebibytesOf(pattern: RegExp): number {
  const found = [...new Set(lines.filter((line) => pattern.test(line)))].map((line) => Number(pattern.exec(line)?.[1]));
  expect(found.length).toBeGreaterThan(0);
  return found.reduce((sum, one) => sum + one, 0);
}
