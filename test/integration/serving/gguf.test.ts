import { mkdir, readFile, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeTinyModel } from '../../../src/main/core/rehearse/tiny-model.ts';
import { engineConfig, type ServingStage, servingStage } from '../../fakes/serving-stage.ts';

let stage: ServingStage;
let whole: Buffer;
beforeAll(async () => {
  stage = await servingStage();
  const { path } = await writeTinyModel(join(stage.folder, 'whole.gguf'));
  whole = await readFile(path);
});
afterAll(() => stage.close());

/** The whole model with some of its bytes changed. */
function changed(change: (bytes: Buffer) => void): Buffer {
  const bytes = Buffer.from(whole);
  change(bytes);
  return bytes;
}

/** The header's number of layers: it follows its key and four bytes of type. */
function withLayers(bytes: Buffer, layers: number): Buffer {
  const key = 'llama.block_count';
  bytes.writeUInt32LE(layers, bytes.indexOf(key) + key.length + 4);
  return bytes;
}

const files: [string, () => Buffer | string, string][] = [
  ['an empty file', () => '', 'serving.gguf-invalid'],
  ['ten bytes', () => 'GGUF\x03\0\0\0\0\0', 'serving.gguf-invalid'],
  ['text', () => '# A readme that somebody renamed\n'.repeat(100), 'serving.gguf-invalid'],
  ['zeros', () => Buffer.alloc(10_000), 'serving.gguf-invalid'],
  ['version 1', () => changed((bytes) => bytes.writeUInt32LE(1, 4)), 'serving.gguf-version'],
  ['version 4', () => changed((bytes) => bytes.writeUInt32LE(4, 4)), 'serving.gguf-version'],
  ['a big-endian file', () => changed((bytes) => bytes.writeUInt32BE(3, 4)), 'serving.gguf-version'],
  ['a header cut off', () => whole.subarray(0, 300), 'serving.gguf-invalid'],
  ['tensors cut off', () => whole.subarray(0, 40_000), 'serving.gguf-invalid'],
  ['the last byte cut off', () => whole.subarray(0, -1), 'serving.model-refused'],
  ['2^63 tensors', () => changed((bytes) => bytes.writeBigUInt64LE(2n ** 63n, 8)), 'serving.gguf-invalid'],
  ['2^63 metadata', () => changed((bytes) => bytes.writeBigUInt64LE(2n ** 63n, 16)), 'serving.gguf-invalid'],
  ['a key of 2^62 bytes', () => changed((bytes) => bytes.writeBigUInt64LE(2n ** 62n, 24)), 'serving.gguf-invalid'],
  ['4000 layers', () => withLayers(Buffer.from(whole), 4000), 'serving.gguf-invalid'],
  ['more layers than tensors', () => withLayers(Buffer.from(whole), 2), 'serving.model-refused'],
  [
    'an unknown architecture',
    () => Buffer.from(whole.toString('latin1').replaceAll('llama', 'lamma'), 'latin1'),
    'serving.model-refused',
  ],
];

describe('a model that cannot be loaded', () => {
  it.each(files)('%s', async (name, content, code) => {
    const path = join(stage.folder, `${name.replaceAll(/\W/g, '-')}.gguf`);
    await writeFile(path, content());
    await refused(path, code);
  });

  it('is missing, below a file, a folder, or a link to nothing', async () => {
    const at = (name: string) => join(stage.folder, name);
    await mkdir(at('folder.gguf'));
    await symlink(at('nowhere'), at('link.gguf'));
    await refused(at('missing.gguf'), 'file.missing');
    await refused(at('whole.gguf/model.gguf'), 'file.missing');
    await refused(at('link.gguf'), 'file.missing');
    await refused(at('folder.gguf'), 'serving.gguf-invalid');
  });

  it('does not fit into memory: says how much is needed before anything is loaded', async () => {
    const path = join(stage.folder, 'deep.gguf');
    const contextTokens = 131_072;
    await writeTinyModel(path, { contextTokens });
    await writeFile(path, withLayers(await readFile(path), 512));
    const config = { ...engineConfig(path), contextTokens, slots: 16 };
    const error = await stage.start(config).catch((thrown) => thrown);
    expect(error).toMatchObject({ code: 'serving.memory-short', exitCode: 3 });
    expect(error.wire.details.neededBytes).toBeGreaterThan(error.wire.details.freeBytes);
  });

  it('changed its length under the header that was read', async () => {
    const path = join(stage.folder, 'sparse.gguf');
    await writeFile(path, whole);
    await truncate(path, whole.length - 30_000);
    await refused(path, 'serving.gguf-invalid', 'serving.model-refused');
  });
});

async function refused(path: string, ...codes: string[]): Promise<void> {
  const error = await stage.start(engineConfig(path)).catch((thrown) => thrown);
  expect(codes).toContain(error.code);
  expect(error.message).toContain(path);
  expect(error.wire.remedies.length).toBeGreaterThan(0);
}
