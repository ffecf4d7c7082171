import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'vitest';
import { fingerprintToWords } from '../../../src/main/core/signing/fingerprint.ts';
import { trustKey } from '../../../src/main/core/signing/trust.ts';
import { expectRefused } from '../../scenes/refused-media.ts';
import { type FakeManifest, type FakeOptions, newSigner, someBytes, writeMedia } from '../../scenes/write-media.ts';

const signer = newSigner();
const zeros = `sha256:${'0'.repeat(64)}`;
let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sealift-lying-images-'));
  await trustKey(join(folder, 'trust.json'), { fingerprint: fingerprintToWords(signer.keyId) }, { now: new Date() });
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const contents: FakeOptions['contents'] = [
  { kind: 'image', name: 'registry.example/app:1', files: { layer: someBytes(3000, 'l') } },
];

// biome-ignore lint/suspicious/noExplicitAny: a lie may have every shape.
type Loose = any;
type Row = [what: string, code: string, lies: NonNullable<FakeOptions['lies']>];

/** A lie in the image's manifest. */
const image = (what: string, code: string, change: (manifest: Loose) => unknown): Row => [
  `image: ${what}`,
  code,
  { manifest: (one: FakeManifest) => change(structuredClone(one)) },
];
/** A lie in the image's configuration. */
const config = (what: string, code: string, text: string): Row => [`configuration: ${what}`, code, { config: text }];
const images: Row[] = [
  image('no layers', 'bundle.content-mismatch', (one) => ({ ...one, layers: undefined })),
  image('calls itself an index', 'bundle.content-mismatch', (one) => ({
    ...one,
    mediaType: 'application/vnd.oci.image.index.v1+json',
  })),
  image('is an index too', 'bundle.content-mismatch', (one) => ({ ...one, manifests: [one.config] })),
  image('is of version 1 too', 'bundle.content-mismatch', (one) => ({ ...one, fsLayers: [] })),
  image('a member twice', 'bundle.content-mismatch', (one) =>
    Buffer.from(`{"layers":[],${JSON.stringify(one).slice(1)}`),
  ),
  image('a chart', 'bundle.content-mismatch', (one) => {
    one.config.mediaType = 'application/vnd.cncf.helm.config.v1+json';
    return one;
  }),
  image('an encrypted layer', 'bundle.content-mismatch', (one) => {
    one.layers[0].mediaType += '+encrypted';
    return one;
  }),
  image('a layer that the list lacks', 'bundle.content-mismatch', (one) => {
    one.layers[0].digest = zeros;
    return one;
  }),
  image('a layer twice, the configuration once', 'bundle.content-mismatch', (one) => {
    one.layers.push(one.layers[0]);
    return one;
  }),
  image('deep nesting', 'bundle.content-mismatch', (one) => ({ ...one, more: nested(100) })),
  config('no JSON', 'bundle.content-mismatch', 'nonsense'),
  config('no layers', 'bundle.content-mismatch', '{"os":"linux","architecture":"amd64"}'),
  config('another layer', 'bundle.content-mismatch', imageConfig([zeros])),
  config('more layers', 'bundle.content-mismatch', imageConfig([zeros, zeros])),
  config('a digest of another kind', 'bundle.content-mismatch', imageConfig(['md5:0'])),
  config('a member twice', 'bundle.content-mismatch', `{"os":"linux",${imageConfig([zeros]).slice(1)}`),
  config('deep nesting', 'bundle.content-mismatch', `{"a":${'['.repeat(50)}${']'.repeat(50)}}`),
  config('millions of members', 'bundle.content-mismatch', `{"a":[${'{},'.repeat(600_000)}{}]}`),
  config('5 MB', 'file.too-large', `{"a":"${'x'.repeat(5_000_000)}"}`),
];

/** An honest configuration but for its layers. */
function imageConfig(diffIds: string[]): string {
  return JSON.stringify({ os: 'linux', architecture: 'amd64', rootfs: { type: 'layers', diff_ids: diffIds } });
}

function nested(levels: number): unknown {
  return levels === 0 ? 1 : [nested(levels - 1)];
}

describe('an image signed by a trusted key that lies', () => {
  it.each(images)('is refused by import, and reported by verify: %s', async (_what, code, lies) => {
    const { dirs } = writeMedia(folder, { contents, signer, lies });
    await expectRefused(folder, dirs, code);
  });
});

describe('a medium without the list of the whole whose own index lies', () => {
  it.each<[string, string, (index: Loose) => unknown]>([
    ['no JSON', 'bundle.content-mismatch', () => Buffer.from('nonsense')],
    ['no list', 'bundle.content-mismatch', (index) => ({ ...index, manifests: {} })],
    [
      'a list twice',
      'bundle.content-mismatch',
      (index) => Buffer.from(`{"manifests":[],${JSON.stringify(index).slice(1)}`),
    ],
    [
      '201 contents',
      'bundle.content-mismatch',
      (index) => ({ ...index, manifests: Array(201).fill(index.manifests[0]) }),
    ],
    ['5 MB', 'file.too-large', (index) => ({ ...index, more: 'x'.repeat(5_000_000) })],
    ['brackets', 'bundle.content-mismatch', () => Buffer.alloc(4_000_000, '[')],
    ['a digest of another kind', 'bundle.content-mismatch', (index) => named(index, { digest: 'md5:0' })],
    ['a manifest of another size', 'bundle.content-mismatch', (index) => named(index, { size: 1 })],
    [
      'an endless name',
      'bundle.content-mismatch',
      (index) => named(index, { annotations: { [refName]: 'x'.repeat(300) } }),
    ],
    [
      'a name that clears the screen',
      'bundle.content-mismatch',
      (index) => named(index, { annotations: { [refName]: 'a\u001b[2J' } }),
    ],
    [
      'a name that no image has',
      'import.unsafe-name',
      (index) => named(index, { annotations: { [refName]: '../app' } }),
    ],
    [
      'an index of platforms',
      'bundle.content-mismatch',
      (index) => named(index, { mediaType: 'application/vnd.oci.image.index.v1+json' }),
    ],
  ])('%s', async (_what, code, index) => {
    const { dirs } = writeMedia(folder, { contents, signer, lies: { index } });
    rmSync(join(dirs[0] ?? '', 'sealift/bundle.json'));
    await expectRefused(folder, dirs, code);
  });
});

const refName = 'org.opencontainers.image.ref.name';

/** The index with its first entry changed. */
function named(index: Loose, change: object): Loose {
  return { ...index, manifests: [{ ...index.manifests[0], ...change }] };
}
