import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readPlannedImage } from '../../../src/main/core/bundle/read/planned-image.ts';
import type { SeenContent } from '../../../src/main/core/bundle/read/read-blob.ts';
import type { ContentSource } from '../../../src/main/core/bundle/sources/content-source.ts';
import { openSources } from '../../../src/main/core/bundle/sources/open-source.ts';
import { readBundleSpec } from '../../../src/main/core/bundle/sources/read-bundle-spec.ts';
import { refuseOldEngine } from '../../../src/main/core/import/plan/plan-images.ts';
import { AppError } from '../../../src/shared/errors/app-error.ts';
import { digestOf, dockerArchive, ociLayout, testImage, writeTar, writeTree } from '../../scenes/make-sources.ts';
import { PackScene } from '../../scenes/pack-scene.ts';
import { manifestType } from '../../scenes/small-image.ts';

const cases = join(import.meta.dirname, '../../fixtures/cases');
let scene: PackScene;
beforeEach(async () => {
  scene = await PackScene.open();
});
afterEach(() => scene.close());

async function openSpec(path: string): Promise<ContentSource> {
  const [source] = await openSources(await readBundleSpec(path), new AbortController().signal);
  if (!source) throw new Error('nothing was opened');
  return source;
}

/** Opens the image of a case from the field. */
const openCase = (name: string) => openSpec(join(cases, name, 'B.yaml'));

/** Opens an image of the scene under a reference. */
async function open(path: string, reference: string, more = ''): Promise<ContentSource> {
  const content = `{kind: image, path: ${path}, reference: "${reference}"${more}}`;
  await writeFile(scene.at('BUNDLE.yaml'), `bundle: 1\nname: a\ncontents: [${content}]\n`);
  return openSpec(scene.at('BUNDLE.yaml'));
}

async function refusal(opening: Promise<unknown>): Promise<AppError> {
  const thrown = await opening.then(
    () => new Error('it was opened'),
    (error) => error,
  );
  if (!(thrown instanceof AppError)) throw thrown;
  return thrown;
}

const manifestOf = (source: ContentSource) => digestOf(source.finish((key) => key).manifest);

/** Rewrites a JSON document of the scene. */
async function edit(path: string, change: (value: never) => void): Promise<void> {
  const value = JSON.parse(String(await readFile(scene.at(path)))) as never;
  change(value);
  await writeFile(scene.at(path), JSON.stringify(value));
}

it('a manifest that its index lists under another type is refused, as engines do', async () => {
  await writeTree(scene.at('layout'), ociLayout([{ image: testImage([10]) }]));
  await edit('layout/index.json', ({ manifests: [one] }: { manifests: { mediaType: string }[] }) => {
    if (one) one.mediaType = 'application/vnd.docker.distribution.manifest.v2+json';
  });
  const error = await refusal(open('layout', 'host.example/app:1'));
  expect(error.code).toBe('pack.image-incomplete');
  expect(error.message).toContain(`the manifest itself states ${manifestType}`);
});

describe('the name of an image', () => {
  it('is found in full among images with one tag', async () => {
    const index = JSON.parse(String(await readFile(join(cases, '21a/img/index.json'))));
    expect(manifestOf(await openCase('21a'))).toBe(index.manifests[0].digest);
  });

  it.each([
    ['docker.io/library/app:1', 'app:1'],
    ['app:1', 'docker.io/library/app:1'],
    ['host.example/app', 'host.example/app:latest'],
    [`vendor/app:1@sha256:${'0'.repeat(64)}`, 'docker.io/vendor/app:1'],
  ])('%s fits %s', async (own, asked) => {
    const [one, two] = [testImage([10]), testImage([20])];
    await writeTree(
      scene.at('layout'),
      ociLayout([
        { name: 'host.example/other:1', image: one },
        { name: own, image: two },
      ]),
    );
    expect(manifestOf(await open('layout', asked))).toBe(digestOf(two.manifest));
    await writeTar(scene.at('saved.tar'), dockerArchive(two, [own]));
    expect((await open('saved.tar', asked)).name).toBe(asked);
  });

  it('other than the asked one is refused, and both are shown', async () => {
    const error = await refusal(openCase('25a'));
    expect(error.code).toBe('pack.image-other-name');
    expect(error.message).toContain('model-gateway:self-hosted-v17.9.0-ee');
    expect(error.message).toContain('model-gateway:self-hosted-v18.9.2-ee');
  });

  it.each(['host.example/app:2', 'other.example/app:1', '2'])('%s is refused for host.example/app:1', async (own) => {
    const image = testImage([10]);
    await writeTree(scene.at('layout'), ociLayout([{ name: own, image }]));
    await writeTar(scene.at('saved.tar'), dockerArchive(image, [own]));
    for (const path of ['layout', 'saved.tar']) {
      const error = await refusal(open(path, 'host.example/app:1'));
      expect(error.code).toBe('pack.image-other-name');
      expect(error.message).toContain(`contains ${own}, but BUNDLE.yaml asks for host.example/app:1`);
    }
  });

  it('with the asked tag is refused when its full name is another', async () => {
    await writeTree(scene.at('layout'), ociLayout([{ name: '1', image: testImage([10]) }]));
    expect((await open('layout', 'host.example/app:1')).name).toBe('host.example/app:1');
    await edit('layout/index.json', (index: { manifests: { annotations: Record<string, string> }[] }) => {
      Object.assign(index.manifests[0]?.annotations ?? {}, { 'io.containerd.image.name': 'host.example/proxy:1' });
    });
    expect((await refusal(open('layout', 'host.example/app:1'))).code).toBe('pack.image-other-name');
  });

  it('may be absent', async () => {
    const image = testImage([10]);
    await writeTree(scene.at('layout'), ociLayout([{ image }]));
    expect((await open('layout', 'app:1')).name).toBe('app:1');
    await writeTar(scene.at('saved.tar'), dockerArchive(image, []));
    expect((await open('saved.tar', 'app:1')).name).toBe('app:1');
  });
});

describe('an image that cannot work', () => {
  it('with fewer layers in its manifest than in its configuration is refused', async () => {
    const error = await refusal(openCase('20a'));
    expect(error.code).toBe('pack.image-incomplete');
    expect(error.message).toContain('its configuration has 2 layers and its manifest 0');
  });

  it.each([
    ['a configuration without a system', { os: undefined }, {}, 'names no operating system'],
    ['a configuration without an architecture', { architecture: '' }, {}, 'names no architecture'],
    ['a history with more layers', { history: [{}, {}, { empty_layer: true }, {}] }, {}, 'its history has 3 layers'],
    [
      'a layer twice in place of two',
      {},
      { mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', twice: true },
      'twice, in place of two different layers',
    ],
    ['layers in another order', {}, { turned: true }, 'but sha256:'],
    [
      'a plain layer called zstd',
      {},
      { mediaType: 'application/vnd.oci.image.layer.v1.tar+zstd' },
      'is not compressed',
    ],
    [
      'a layer of a model',
      {},
      { mediaType: 'application/vnd.cncf.model.weight.v1.raw' },
      'other than a container image',
    ],
  ])('is refused for %s', async (_what, moreConfig, layer, reason) => {
    const one = testImage([10, 20]);
    const config = Buffer.from(JSON.stringify({ ...JSON.parse(String(one.config)), ...moreConfig }));
    const parsed = JSON.parse(String(one.manifest));
    Object.assign(parsed.config, { digest: digestOf(config), size: config.length });
    const { mediaType, twice, turned } = layer as { mediaType?: string; twice?: boolean; turned?: boolean };
    if (twice) parsed.layers[1] = { ...parsed.layers[0] };
    if (turned) parsed.layers.reverse();
    if (mediaType) for (const row of parsed.layers) row.mediaType = mediaType;
    const manifest = Buffer.from(JSON.stringify(parsed));
    await writeTree(scene.at('layout'), ociLayout([{ image: { ...one, config, manifest } }]));
    expect((await refusal(open('layout', 'app:1'))).message).toContain(reason);
  });

  it('for a platform that its index lists but the source lacks names the platform', async () => {
    const error = await refusal(openCase('22b'));
    expect(error.code).toBe('pack.platform-absent');
    expect(error.message).toContain('for linux/amd64, but contains it only for linux/arm64');
  });

  it('for a platform whose manifest exists without its layers names the platform', async () => {
    const amd64 = { os: 'linux', architecture: 'amd64' };
    const arm64 = { os: 'linux', architecture: 'arm64' };
    const [one, two] = [testImage([10], amd64), testImage([20], arm64)];
    const images = [
      { image: one, platform: amd64 },
      { image: two, platform: arm64 },
    ];
    const files = ociLayout(images, { nested: true });
    delete files[`blobs/${digestOf(one.layers[0] ?? '').replace(':', '/')}`];
    await writeTree(scene.at('layout'), files);
    expect((await refusal(open('layout', 'app:1'))).code).toBe('pack.platform-absent');
    expect(manifestOf(await open('layout', 'app:1', ', platform: linux/arm64'))).toBe(digestOf(two.manifest));
  });

  it('for its foreign layer names that', async () => {
    const error = await refusal(openCase('24a'));
    expect(error.code).toBe('pack.foreign-layer');
    expect(error.message).toContain('it is a foreign layer, which engines download from https://mirror.example/x');
  });

  it.each([true, false])('has a foreign layer of OCI type, present: %s', async (isPresent) => {
    const one = testImage([10]);
    const type = 'application/vnd.oci.image.layer.nondistributable.v1.tar';
    const manifest = Buffer.from(String(one.manifest).replace('application/vnd.oci.image.layer.v1.tar', type));
    const files = ociLayout([{ image: { ...one, manifest } }]);
    if (!isPresent) delete files[`blobs/${digestOf(one.layers[0] ?? '').replace(':', '/')}`];
    await writeTree(scene.at('layout'), files);
    if (isPresent) expect(manifestOf(await open('layout', 'app:1'))).toBe(digestOf(manifest));
    else expect((await refusal(open('layout', 'app:1'))).code).toBe('pack.foreign-layer');
  });
});

describe('layers compressed with zstd', () => {
  it('come with a warning of the engines that cannot take them', async () => {
    const { warnings } = await openCase('23a');
    expect(warnings).toEqual([expect.stringContaining('zstd: Docker before version 23 cannot import it')]);
    await writeTree(scene.at('layout'), ociLayout([{ image: testImage([10]) }]));
    expect((await open('layout', 'app:1')).warnings).toEqual([]);
  });

  it('in a classic archive come with the same warning', async () => {
    const files = dockerArchive(testImage([10]), ['app:1']);
    files['layer0/layer.tar'] = Buffer.from('28b52ffd0000', 'hex');
    await writeTar(scene.at('saved.tar'), files);
    expect((await open('saved.tar', 'app:1')).warnings).toHaveLength(1);
  });

  it.each([
    ['20.10.24+dfsg1', false, 'engine.no-zstd'],
    ['23.0.1', false, undefined],
    ['29.1.0', false, undefined],
    ['dev', false, undefined],
    ['4.9.3', true, undefined],
  ])('go into an engine of version %s (Podman: %s): %s', async (version, isPodman, code) => {
    const manifest = Buffer.from((await openCase('23a')).finish((key) => key).manifest);
    const head = { digest: digestOf(manifest), sizeBytes: manifest.length, mediaType: manifestType };
    const content = { kind: 'image', name: 'reports-zstd:1', manifest: head } as SeenContent;
    const image = readPlannedImage(content, manifest);
    const bring = async () => refuseOldEngine({ version, isPodman }, image);
    if (code) expect((await refusal(bring())).code).toBe(code);
    else await bring();
  });
});

describe('members that are null', () => {
  it('count as absent in an index', async () => {
    const index = JSON.parse(String(await readFile(join(cases, '27a/img/index.json'))));
    expect(manifestOf(await openCase('27a'))).toBe(index.manifests[0].digest);
  });

  it('count as absent in a manifest and a configuration', async () => {
    const one = testImage([10]);
    const config = Buffer.from(JSON.stringify({ ...JSON.parse(String(one.config)), history: null, variant: null }));
    const parsed = JSON.parse(String(one.manifest));
    Object.assign(parsed, { annotations: null, artifactType: null });
    Object.assign(parsed.config, { digest: digestOf(config), size: config.length, annotations: null });
    parsed.layers[0].urls = null;
    const manifest = Buffer.from(JSON.stringify(parsed));
    await writeTree(scene.at('layout'), ociLayout([{ image: { ...one, config, manifest } }]));
    expect(manifestOf(await open('layout', 'app:1'))).toBe(digestOf(manifest));
  });

  it('are refused where a value is required, and named', async () => {
    await writeTree(scene.at('layout'), ociLayout([{ image: testImage([10]) }]));
    await edit('layout/index.json', (index: { manifests: { digest: unknown }[] }) => {
      if (index.manifests[0]) index.manifests[0].digest = null;
    });
    const error = await refusal(open('layout', 'app:1'));
    expect(error.message).toContain('its index.json is not valid (manifests.0.digest');
  });
});
