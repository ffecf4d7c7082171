import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkWeights } from '../../../src/main/core/weights/folder/check-weights.ts';
import { missingParts } from '../../../src/main/core/weights/folder/missing-parts.ts';
import { readFolderJson } from '../../../src/main/core/weights/folder/read-folder-json.ts';
import { readTokenizerTexts } from '../../../src/main/core/weights/folder/tokenizer-texts.ts';
import { parsePythonJson } from '../../../src/main/core/weights/python-json.ts';
import { readGgufHeader } from '../../../src/main/core/weights/read-gguf-header.ts';
import { readModelConfig } from '../../../src/main/core/weights/read-model-config.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sealift-weights-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Writes a file and returns it as a listing has it. */
async function listed(name: string, content: Buffer) {
  const path = join(folder, name);
  await writeFile(path, content);
  return { name, range: { path, sizeBytes: content.length } };
}

const mebi = 2 ** 20;
const filled = (sizeBytes: number, piece: string, head = '') => {
  const bytes = Buffer.alloc(sizeBytes, piece);
  bytes.write(head);
  return bytes;
};
const shapes: [what: string, content: () => Buffer][] = [
  ['brackets', () => filled(4 * mebi, '[')],
  ['objects in objects', () => filled(4 * mebi, '{"a":', '{"a":')],
  ['whole lists in lists', () => Buffer.from(`{"a":${'['.repeat(10_000)}${']'.repeat(10_000)}}`)],
  ['a million empty objects', () => Buffer.from(`{"a":[${'{},'.repeat(2_100_000)}{}]}`)],
  ['escaped quotes without end', () => filled(4 * mebi, '\\"', '{"NaN')],
];

/** The header of a GGUF of one tensor-less model with these entries. */
function gguf(entries: Buffer[]): Buffer {
  const head = Buffer.alloc(24);
  head.write('GGUF');
  head.writeUInt32LE(3, 4);
  head.writeBigUInt64LE(BigInt(entries.length), 16);
  return Buffer.concat([head, ...entries]);
}

/** A key with an array of bytes that is short enough to be kept. */
function shortArray(key: string, length: number): Buffer {
  const entry = Buffer.alloc(8 + key.length + 4 + 4 + 8 + length);
  entry.writeBigUInt64LE(BigInt(key.length));
  entry.write(key, 8);
  entry.writeUInt32LE(9, 8 + key.length);
  entry.writeBigUInt64LE(BigInt(length), 16 + key.length);
  return entry;
}

describe('files of a model that would take all memory', () => {
  it.each(shapes)('a configuration of %s is refused by its shape', async (_what, content) => {
    const file = await listed('config.json', content());
    await expect(readFolderJson([file])).rejects.toMatchObject({ code: 'pack.unusable-weights' });
    await expect(readModelConfig(file.range.path)).rejects.toMatchObject({
      code: expect.stringMatching(/^(estimate.config-invalid|file.too-large)$/),
    });
  });

  it.each(shapes)('a safetensors header of %s is refused by its shape', async (_what, content) => {
    const header = content();
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(header.length));
    const file = await listed('model.safetensors', Buffer.concat([length, header]));
    await expect(checkWeights([file])).rejects.toMatchObject({ code: 'pack.unusable-weights' });
  });

  it('many configurations count together', async () => {
    const one = Buffer.from(`{"a":[${'{},'.repeat(350_000)}{}]}`);
    const files = await Promise.all(['a', 'b', 'c'].map((name) => listed(`${name}_config.json`, one)));
    expect((await readFolderJson(files.slice(0, 2))).size).toBe(2);
    await expect(readFolderJson(files)).rejects.toMatchObject({ code: 'pack.unusable-weights' });
  });

  it('many tokenizers count together', async () => {
    const place = join(folder, 'tokenizers');
    await mkdir(place);
    await writeFile(join(place, 'a.model'), Buffer.alloc(70 * mebi));
    await expect(readTokenizerTexts(place)).resolves.toBeDefined();
    await writeFile(join(place, 'b.model'), Buffer.alloc(70 * mebi));
    await expect(readTokenizerTexts(place)).rejects.toMatchObject({ code: 'file.too-large' });
  });

  it('names of parts promise only so many others', () => {
    const names = Array.from({ length: 5000 }, (_, at) => `m${at}-00001-of-10000.safetensors`);
    const files = names.map((name) => ({ name, sizeBytes: 1 }));
    const missing = missingParts(
      { path: '/m', files, json: new Map(), ggufs: new Map(), hiddenLeftovers: [] },
      new Set(),
    );
    expect(missing.length).toBeGreaterThan(9000);
    expect(missing.length).toBeLessThan(30_000);
  });

  it('a GGUF whose short arrays fill the memory is refused', async () => {
    const arrays = Array.from({ length: 4000 }, (_, at) => shortArray(`k${at}`, 2048));
    const few = await listed('few.gguf', gguf(arrays.slice(0, 100)));
    await expect(readGgufHeader(few.range.path)).resolves.toBeDefined();
    const file = await listed('many.gguf', gguf(arrays));
    await expect(readGgufHeader(file.range.path)).rejects.toMatchObject({ code: 'serving.gguf-invalid' });
  });
});

describe('the JSON of Python', () => {
  const limits = { depth: 4, values: 20 };
  it.each([
    ['{"a":NaN}', { a: Number.NaN }],
    ['{"a":[-Infinity,Infinity]}', { a: [-Infinity, Infinity] }],
    ['{"a":"NaN \\" Infinity"}', { a: 'NaN " Infinity' }],
  ])('is read: %s', (text, value) => {
    expect(parsePythonJson(Buffer.from(text), limits)).toEqual(value);
  });

  it.each(['{"a":NaN', '[[[[[NaN]]]]]', `[${'NaN,'.repeat(30)}1]`])('is refused: %s', (text) => {
    expect(() => parsePythonJson(Buffer.from(text), limits)).toThrow(SyntaxError);
  });
});
