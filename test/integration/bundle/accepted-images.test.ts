import { randomBytes } from 'node:crypto';
import { type Arbitrary, array, assert, asyncProperty, constantFrom, nat, record } from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readImageConfig, readPlannedImage } from '../../../src/main/core/bundle/read/planned-image.ts';
import type { SeenContent } from '../../../src/main/core/bundle/read/read-blob.ts';
import { openSources } from '../../../src/main/core/bundle/sources/open-source.ts';
import { connectEngine, type Engine, engineAddress } from '../../../src/main/core/engine/connect-engine.ts';
import { bundleSpec } from '../../../src/shared/bundle-spec.ts';
import { AppError } from '../../../src/shared/errors/app-error.ts';
import { missing } from '../../needs.ts';
import { dockerIsThere } from '../../scenes/docker-is-there.ts';
import { ImageStage, imagePrefix, removeTraces } from '../../scenes/image-stage.ts';
import { digestOf, ociLayout, type TestImage, writeTree } from '../../scenes/make-sources.ts';
import { expectPlanned } from '../../scenes/planned-site.ts';
import { smallImage } from '../../scenes/small-image.ts';

const hasEngine = !missing('a running dockerd', dockerIsThere);
let stage: ImageStage;
let engine: Engine | undefined;
beforeAll(async () => {
  stage = await ImageStage.open();
  if (hasEngine) engine = await connectEngine(engineAddress(undefined));
});
afterAll(async () => {
  // The time limit leaves the last image on its way.
  await running;
  if (engine) await removeTraces(engine);
  await stage.close();
});

const limitMs = 20_000;
/** An engine takes longer than everything before it: so many accepted images are imported and planned. */
const importedAtMost = 12;
const reference = `${imagePrefix}.example/app:1`;
type Layer = { mediaType: string; digest: string; size: number; annotations?: unknown; urls?: string[] };

/** Changes of a manifest or configuration that writers make, and faults of copying. */
const changes: Record<string, (image: TestImage) => TestImage> = {
  none: (image) => image,
  nullAnnotations: (image) => edited(image, (manifest) => Object.assign(manifest, { annotations: null })),
  lessLayers: (image) => edited(image, ({ layers }) => layers.pop()),
  layerTwice: (image) => edited(image, ({ layers }) => layers.push({ ...(layers[0] as Layer) })),
  wrongSize: (image) => edited(image, ({ layers: [one] }) => one && Object.assign(one, { size: one.size + 1 })),
  foreign: (image) =>
    edited(
      image,
      ({ layers: [one] }) => one && Object.assign(one, { mediaType: foreign, urls: ['https://x.example'] }),
    ),
  zstd: (image) => edited(image, ({ layers: [one] }) => one && Object.assign(one, { mediaType: `${layerType}+zstd` })),
  plain: (image) => edited(image, ({ layers: [one] }) => one && Object.assign(one, { mediaType: layerType })),
  docker: (image) => edited(image, (manifest) => Object.assign(manifest, { mediaType: dockerManifest })),
  noType: (image) => edited(image, (manifest) => Object.assign(manifest, { mediaType: undefined })),
  artifact: (image) => edited(image, (manifest) => Object.assign(manifest, { artifactType: 'application/x' })),
  noSystem: (image) => configured(image, { os: undefined }),
  noArchitecture: (image) => configured(image, { architecture: '' }),
  otherVariant: (image) => configured(image, { variant: 'v3' }),
  noConfig: (image) => ({ ...image, config: Buffer.from('{}') }),
  cutLayer: (image) => ({ ...image, layers: image.layers.map((one) => one.subarray(0, -1)) }),
};
const foreign = 'application/vnd.oci.image.layer.nondistributable.v1.tar';
const layerType = 'application/vnd.oci.image.layer.v1.tar';
const dockerManifest = 'application/vnd.docker.distribution.manifest.v2+json';

function edited(image: TestImage, change: (manifest: { layers: Layer[] }) => unknown): TestImage {
  const manifest = JSON.parse(String(image.manifest));
  change(manifest);
  return { ...image, manifest: Buffer.from(JSON.stringify(manifest)) };
}

function configured(image: TestImage, change: object): TestImage {
  const config = Buffer.from(JSON.stringify({ ...JSON.parse(String(image.config)), ...change }));
  const digests = { digest: digestOf(config), size: config.length };
  return edited({ ...image, config }, (manifest) =>
    Object.assign((manifest as { config?: object }).config ?? {}, digests),
  );
}

interface Case {
  layers: number[];
  platform: string;
  nested: boolean;
  changed: string[];
}
const cases: Arbitrary<Case> = record({
  layers: array(nat(40), { maxLength: 3 }),
  platform: constantFrom('amd64', 'amd64', 'arm64'),
  nested: constantFrom(false, true),
  changed: array(constantFrom(...Object.keys(changes)), { maxLength: 2 }),
});

let count = 0;
let running: Promise<unknown> = Promise.resolve();

/** Opens an image for packing and reads it as an import does; its line for packing if it was opened. Throws where only the import refuses it. */
async function opened({ layers, platform, nested, changed }: Case): Promise<string | undefined> {
  count += 1;
  const described = { os: 'linux', architecture: platform };
  const files = layers.map((bytes) => ({ [`file-${bytes}`]: randomBytes(bytes) }));
  const small = await smallImage(files, {}, described);
  const made = {
    config: small.config.bytes,
    layers: small.layers.map((one) => one.bytes),
    manifest: small.manifest.bytes,
  };
  const image = changed.reduce((one, name) => changes[name]?.(one) ?? one, made);
  const layout = ociLayout([{ name: reference, image, platform: described }], { nested });
  await writeTree(stage.at(String(count)), layout);
  const contents = [{ kind: 'image', path: String(count), reference }];
  const spec = bundleSpec.parse({ bundle: 1, name: 'a', contents });
  const sources = await openSources({ spec, folder: stage.folder }, new AbortController().signal).catch((error) => {
    expect(error).toBeInstanceOf(AppError);
    return [];
  });
  const [source] = sources;
  if (!source) return undefined;
  const { manifest, mediaType, blobs } = source.finish((key) => key);
  const head = { digest: digestOf(manifest), sizeBytes: manifest.length, mediaType };
  const content = { kind: 'image', name: reference, manifest: head, blobs } as SeenContent;
  const planned = readPlannedImage(content, manifest);
  readImageConfig(planned, image.config);
  for (const { digest, sizeBytes } of planned.layers)
    expect(source.blobs.find((blob) => blob.digest === digest)?.range.sizeBytes).toBe(sizeBytes);
  return `{kind: image, path: "${count}", reference: "${reference}"}`;
}

/** Takes an image through the doors that need an engine. */
async function imported(engine: Engine, line: string): Promise<void> {
  const medium = `medium-${count}`;
  try {
    await stage.pack([line], [medium]);
    const done = await stage.import([medium]);
    expect(done.findings.filter((one) => one.severity === 'red')).toEqual([]);
    const model = { engine: 'external' as const, endpoint: 'http://10.0.0.9:8000/v1' };
    await expectPlanned(stage.home, { model, gateway: { image: reference } });
  } finally {
    await removeTraces(engine);
  }
}

it('whatever image is packed is imported and planned', async () => {
  let left = importedAtMost;
  const goThrough = async (one: Case) => {
    const line = await opened(one);
    if (line && engine && left > 0) {
      left -= 1;
      await imported(engine, line);
    }
    return line !== undefined;
  };
  for (const name of ['none', 'nullAnnotations', 'docker', 'noType', 'artifact']) {
    const one = { layers: [1, 2], platform: 'amd64', nested: false, changed: [name] };
    expect([name, await goThrough(one)]).toEqual([name, true]);
  }
  await assert(
    asyncProperty(cases, async (one) => {
      const going = goThrough(one);
      running = going.catch(() => undefined);
      await going;
    }),
    {
      seed: Number(process.env.SEALIFT_TEST_SEED ?? 29_112_026),
      numRuns: 300,
      interruptAfterTimeLimit: limitMs,
    },
  );
});
