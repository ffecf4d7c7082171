import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readPins } from '../../../src/main/core/bundle/sources/pins.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sealift-pins-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const read = async (name: string, value: string) => {
  const path = join(folder, 'BUNDLE.lock.yaml');
  await writeFile(path, JSON.stringify({ lock: 1, pins: { [name]: value } }));
  return readPins(path);
};
const [digest, commit] = [`sha256:${'a'.repeat(64)}`, 'b'.repeat(40)];
const [image, tags, model] = ['registry.example/app:1', 'registry.example/app:v1.*-ee', 'hub.example/org/model@main'];

describe('a lock file', () => {
  it.each([
    [image, digest],
    [tags, 'v1.2-ee'],
    [model, commit],
  ])('pins %s to %s', async (name, value) => {
    expect([...(await read(name, value)).known]).toEqual([[name, value]]);
  });

  it.each([
    [image, 'latest'],
    [image, commit],
    [tags, 'v1.2 ee'],
    [model, 'main'],
    [model, digest],
  ])('that pins %s to %s is refused by name', async (name, value) => {
    const error = await read(name, value).catch((thrown) => thrown);
    expect(error).toMatchObject({ code: 'input.invalid' });
    expect(error.message + JSON.stringify(error.wire.details)).toContain(name);
  });
});
