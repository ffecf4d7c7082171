import { mkdir, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { hexOf } from '../../../src/shared/digest.ts';
import { digestOf, gguf } from '../../scenes/make-sources.ts';
import { PackScene } from '../../scenes/pack-scene.ts';
import { checkMedia } from '../../scenes/packed-media.ts';

const weights = gguf(1000);
const layers: [string, Buffer][] = [
  ['model', weights],
  ['template', Buffer.from('{{ .Prompt }}')],
  ['license', Buffer.from('First licence')],
  ['license', Buffer.from('Second licence')],
  ['params', Buffer.from('{"stop":["<|end|>"]}')],
];
let scene: PackScene;
beforeEach(async () => {
  scene = await PackScene.open();
  vi.stubEnv('OLLAMA_MODELS', scene.at('models'));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await scene.close();
});

const blobPath = (bytes: Buffer) => scene.at('models', 'blobs', `sha256-${hexOf(digestOf(bytes))}`);

/** Writes a model as Ollama stores what it pulled or created. */
async function store(parts = layers, path = 'registry.ollama.ai/library/tiny/1b'): Promise<void> {
  const config = Buffer.from('{"model_format":"gguf","model_family":"llama"}');
  for (const bytes of [config, ...parts.map(([, one]) => one)]) {
    await mkdir(scene.at('models', 'blobs'), { recursive: true });
    await writeFile(blobPath(bytes), bytes);
  }
  const described = (mediaType: string, bytes: Buffer) => ({ mediaType, digest: digestOf(bytes), size: bytes.length });
  const manifest = {
    schemaVersion: 2,
    mediaType: 'application/vnd.docker.distribution.manifest.v2+json',
    config: described('application/vnd.docker.container.image.v1+json', config),
    layers: parts.map(([kind, bytes]) => described(`application/vnd.ollama.image.${kind}`, bytes)),
  };
  const file = scene.at('models', 'manifests', path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, JSON.stringify(manifest));
}

const content = (tag = 'tiny:1b', more = '') => `{kind: model, name: tiny, from: ollama, tag: "${tag}"${more}}`;
const refusal = (contents = content()) =>
  scene.pack([contents], ['m1']).then(
    () => 'packed',
    (error) => error.wire ?? error,
  );

async function packed(): Promise<Map<string, Buffer | undefined>> {
  const { head, blobs } = await checkMedia([scene.at('m1')]);
  const manifest = JSON.parse(String(blobs.get(head.contents[0]?.manifest.digest ?? '')));
  return new Map(
    manifest.layers.map((one: { digest: string; annotations: Record<string, string> }) => [
      one.annotations['org.cncf.model.filepath'],
      blobs.get(one.digest),
    ]),
  );
}

describe("a model in Ollama's store", () => {
  it('is packed as a GGUF with its template, parameters and licences', async () => {
    await store();
    await scene.pack([content()], ['m1']);
    expect(Object.fromEntries(await packed())).toEqual({
      'tiny-1b.gguf': weights,
      'template.txt': layers[1]?.[1],
      LICENSE: layers[2]?.[1],
      'LICENSE-2': layers[3]?.[1],
      'params.json': layers[4]?.[1],
    });
  });

  it('of an early version has its template too', async () => {
    await store(layers.map(([kind, bytes]) => [kind === 'template' ? 'prompt' : kind, bytes]));
    await scene.pack([content()], ['m1']);
    expect((await packed()).get('template.txt')).toEqual(layers[1]?.[1]);
  });

  it('is served by its own weights where it has a projector, and leaves out what is not known, which is said', async () => {
    await store([...layers, ['projector', gguf(20)], ['novelty', Buffer.from('?')]]);
    const { sources } = await scene.prepare([content()], ['plan']);
    expect(sources[0]?.notes?.join()).toContain('vnd.ollama.image.novelty');
    await scene.pack([content()], ['m1']);
    expect([...(await packed()).keys()]).toContain('mmproj.gguf');
  });

  it.each([
    ['latest', 'tiny', 'registry.ollama.ai/library/tiny/latest'],
    ['of a person', 'lab/tiny:q4', 'registry.ollama.ai/lab/tiny/q4'],
    ['of another host', 'hub.example:8443/lab/tiny:q4', 'hub.example:8443/lab/tiny/q4'],
  ])('is found by its name: %s', async (_what, tag, path) => {
    await store(layers, path);
    await scene.pack([content(tag)], ['m1']);
  });

  it('is found in the store that the description names', async () => {
    await store();
    await rename(scene.at('models'), scene.at('other'));
    await scene.pack([content('tiny:1b', ', store: other')], ['m1']);
  });

  it('that does not exist is refused with names like it', async () => {
    await store();
    await store(layers, 'registry.ollama.ai/lab/tiny/q4');
    expect(await refusal(content('tiny:2b'))).toMatchObject({
      code: 'pack.ollama-absent',
      details: { near: ['tiny:1b'] },
    });
    expect(await refusal(content('lab/tiny:1b'))).toMatchObject({ details: { near: ['lab/tiny:q4'] } });
  });

  it.each([
    ['lacks its weights', () => rm(blobPath(weights)), 'pack.ollama-absent'],
    ['has only a part of them', () => truncate(blobPath(weights), 500), 'pack.ollama-absent'],
    ['has other bytes than their name says', () => writeFile(blobPath(weights), gguf(1000)), 'pack.source-damaged'],
    [
      'has no manifest',
      () => writeFile(scene.at('models/manifests/registry.ollama.ai/library/tiny/1b'), '{}'),
      'pack.ollama-absent',
    ],
  ])('that %s is refused', async (_what, change, code) => {
    await store();
    await change();
    expect(await refusal()).toMatchObject({ code });
  });

  it('that is no GGUF is refused like any other, and named', async () => {
    await store([['model', Buffer.alloc(200, 7)]]);
    const error = await refusal();
    expect(error).toMatchObject({ code: 'pack.unusable-weights' });
    expect(error.message).toContain("Ollama's tiny:1b");
    expect(error.message).not.toContain('sealift-hub');
  });
});
