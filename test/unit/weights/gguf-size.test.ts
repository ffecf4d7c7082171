import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type GgufValue, ggufFile } from '../../../src/main/core/rehearse/gguf-writer.ts';
import { readGgufSize } from '../../../src/main/core/weights/gguf-size.ts';

const folder = mkdtempSync(join(tmpdir(), 'sealift-gguf-size-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const gemma4: Record<string, GgufValue> = {
  block_count: { u32: 6 },
  context_length: { u32: 262_144 },
  embedding_length: { u32: 5376 },
  'attention.head_count': { u32: 32 },
  'attention.head_count_kv': { i32s: [16, 16, 16, 16, 16, 4] },
  'attention.key_length': { u32: 512 },
  'attention.value_length': { u32: 512 },
  'attention.key_length_swa': { u32: 256 },
  'attention.value_length_swa': { u32: 256 },
  'attention.sliding_window': { u32: 1024 },
  'attention.sliding_window_pattern': { i32s: [1, 1, 1, 1, 1, 0] },
};

function shapeOf(numbers: Record<string, GgufValue>) {
  const path = join(folder, 'model.gguf');
  const metadata = Object.fromEntries(Object.entries(numbers).map(([key, value]) => [`gemma4.${key}`, value]));
  writeFileSync(path, ggufFile({ 'general.architecture': 'gemma4', ...metadata }, []));
  return readGgufSize(path).then((one) => one.architecture);
}

describe('a GGUF whose layers have two shapes', () => {
  it('states both, and which is which', async () => {
    expect(await shapeOf(gemma4)).toMatchObject({
      slidingLayers: 5,
      slidingWindowTokens: 1024,
      kvHeads: 16,
      headDim: 256,
      globalKvHeads: 4,
      globalHeadDim: 512,
    });
  });

  it('is estimated by its largest heads where it does not say which layers have which', async () => {
    const { 'attention.sliding_window_pattern': _pattern, ...rest } = gemma4;
    const shape = await shapeOf(rest);
    expect(shape).toMatchObject({ kvHeads: 16, headDim: 512 });
    expect(shape).not.toHaveProperty('globalKvHeads');
  });

  it('has one head size where no second one is stated', async () => {
    const { 'attention.key_length_swa': _key, 'attention.value_length_swa': _value, ...rest } = gemma4;
    const shape = await shapeOf(rest);
    expect(shape).toMatchObject({ kvHeads: 16, globalKvHeads: 4, headDim: 512 });
    expect(shape).not.toHaveProperty('globalHeadDim');
  });
});
