import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openModel } from '../../../src/main/core/bundle/sources/model.ts';
import { type GgufValue, ggufFile } from '../../../src/main/core/rehearse/gguf-writer.ts';
import { writeTinyModel } from '../../../src/main/core/rehearse/tiny-model.ts';
import { readGgufSize } from '../../../src/main/core/weights/gguf-size.ts';
import { engineConfig, type ServingStage, servingStage } from '../../scenes/serving-stage.ts';

let stage: ServingStage;
let whole: Buffer;
beforeAll(async () => {
  stage = await servingStage();
  const { path } = await writeTinyModel(join(stage.folder, 'whole.gguf'));
  whole = await readFile(path);
});
afterAll(() => stage.close());

/** The whole model with some of its bytes changed. */
const changed = (change: (bytes: Buffer) => void) => () => {
  const bytes = Buffer.from(whole);
  change(bytes);
  return bytes;
};

/** Where the last tensor of two dimensions has its count of dimensions; shape, type and offset follow. */
const tensorAt = (bytes: Buffer) => bytes.lastIndexOf('ffn_down.weight') + 'ffn_down.weight'.length;

/** A file of one tensor with 32 values, and some metadata. */
const small = (metadata: Record<string, GgufValue>) => () =>
  ggufFile({ 'general.architecture': 'llama', ...metadata }, [
    { name: 'a.weight', dimensions: [32], type: 'f32', data: Buffer.alloc(128) },
  ]);

const invalid = 'serving.gguf-invalid';
const version = 'serving.gguf-version';
const files: [string, () => Buffer | string, typeof invalid | typeof version][] = [
  ['an empty file', () => '', invalid],
  ['ten bytes', () => 'GGUF\x03\0\0\0\0\0', invalid],
  ['a readme with another name', () => '# A readme that somebody renamed\n'.repeat(100), invalid],
  ['a text that starts with GGUF', () => 'GGUF is not what I am\n'.repeat(20), version],
  ['zeros', () => Buffer.alloc(10_000), invalid],
  ['version 1', changed((bytes) => bytes.writeUInt32LE(1, 4)), version],
  ['version 4', changed((bytes) => bytes.writeUInt32LE(4, 4)), version],
  [
    'version 4 and 2 MiB of nothing',
    () => Buffer.concat([Buffer.from('GGUF\x04\0\0\0'), Buffer.alloc(2 ** 21)]),
    version,
  ],
  ['a big-endian file', changed((bytes) => bytes.writeUInt32BE(3, 4)), version],
  ['a cut header', () => whole.subarray(0, 300), invalid],
  ['cut tensors', () => whole.subarray(0, 40_000), invalid],
  ['without its last byte', () => whole.subarray(0, -1), invalid],
  ['2^63 tensors', changed((bytes) => bytes.writeBigUInt64LE(2n ** 63n, 8)), invalid],
  ['2^63 keys', changed((bytes) => bytes.writeBigUInt64LE(2n ** 63n, 16)), invalid],
  ['a million entries', changed((bytes) => bytes.writeBigUInt64LE(1_000_000n, 16)), invalid],
  ['a key of 2^62 bytes', changed((bytes) => bytes.writeBigUInt64LE(2n ** 62n, 24)), invalid],
  [
    'an array of 2^40 texts',
    changed((bytes) => bytes.writeBigUInt64LE(2n ** 40n, bytes.indexOf('tokenizer.ggml.tokens') + 21 + 8)),
    invalid,
  ],
  [
    'an array of arrays',
    changed((bytes) => bytes.writeUInt32LE(9, bytes.indexOf('tokenizer.ggml.tokens') + 21 + 4)),
    invalid,
  ],
  ['a value of type 99', changed((bytes) => bytes.writeUInt32LE(99, bytes.indexOf('llama.block_count') + 17)), invalid],
  [
    'the same key twice',
    changed((bytes) => bytes.write('tokenizer.ggml.merges', bytes.indexOf('tokenizer.ggml.tokens'))),
    invalid,
  ],
  ['4000 layers', changed((bytes) => bytes.writeUInt32LE(4000, bytes.indexOf('llama.block_count') + 17 + 4)), invalid],
  ['an alignment of 0', small({ 'general.alignment': { u32: 0 } }), invalid],
  ['an alignment of 24', small({ 'general.alignment': { u32: 24 } }), invalid],
  ['an alignment in letters', small({ 'general.alignment': '32' }), invalid],
  ['a tensor of 5 dimensions', changed((bytes) => bytes.writeUInt32LE(5, tensorAt(bytes))), invalid],
  ['a tensor of 2^60 values', changed((bytes) => bytes.writeBigUInt64LE(2n ** 60n, tensorAt(bytes) + 4)), invalid],
  ['a tensor of type 999', changed((bytes) => bytes.writeUInt32LE(999, tensorAt(bytes) + 20)), invalid],
  ['a tensor of a type that was removed', changed((bytes) => bytes.writeUInt32LE(31, tensorAt(bytes) + 20)), invalid],
  ['a tensor before its place', changed((bytes) => bytes.writeBigUInt64LE(0n, tensorAt(bytes) + 24)), invalid],
];

const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'accepted',
    (error) => error,
  );

describe('a GGUF that llama.cpp refuses is refused by pack, estimate and the model server', () => {
  it.each(files)('%s', async (name, content, code) => {
    const folder = join(stage.folder, name.replaceAll(/\W/g, '-'));
    const path = join(folder, 'model.gguf');
    await mkdir(folder);
    await writeFile(path, content());
    const message = expect.stringContaining(path);
    expect(await codeOf(openModel({ kind: 'model', name: 'm', path: folder }, folder))).toMatchObject({
      code: code === invalid ? 'pack.unusable-weights' : code,
      exitCode: 3,
      message,
    });
    expect(await codeOf(readGgufSize(path))).toMatchObject({ code, exitCode: 3, message });
    expect(await codeOf(stage.start(engineConfig(path)))).toMatchObject({ code, exitCode: 3, message });
  });

  it('and the whole one is accepted by all', async () => {
    const path = join(stage.folder, 'whole.gguf');
    expect((await openModel({ kind: 'model', name: 'm', path }, stage.folder)).blobs).toHaveLength(1);
    expect((await readGgufSize(path)).weights?.bytes).toBeGreaterThan(0);
    await stage.start(engineConfig(path));
  });
});
