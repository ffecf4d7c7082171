import { mkdir, readFile, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeTinyModel } from '../../../src/main/core/rehearse/tiny-model.ts';
import { engineConfig, type ServingStage, servingStage } from '../../scenes/serving-stage.ts';

let stage: ServingStage;
let whole: Buffer;
beforeAll(async () => {
  stage = await servingStage();
  const { path } = await writeTinyModel(join(stage.folder, 'whole.gguf'));
  whole = await readFile(path);
});
afterAll(() => stage.close());

/** The header's number of layers: it follows its key and four bytes of type. */
function withLayers(bytes: Buffer, layers: number): Buffer {
  const key = 'llama.block_count';
  bytes.writeUInt32LE(layers, bytes.indexOf(key) + key.length + 4);
  return bytes;
}

const files: [string, () => Buffer | string, string][] = [
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

  it('does not fit into memory: the error names the need before anything is loaded', async () => {
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
