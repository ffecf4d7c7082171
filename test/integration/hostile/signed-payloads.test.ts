import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { HeadPayload, MediumPayload } from '../../../src/main/core/bundle/format/format.ts';
import { fingerprintToWords } from '../../../src/main/core/signing/fingerprint.ts';
import { trustKey } from '../../../src/main/core/signing/trust.ts';
import { expectRefused } from '../../scenes/refused-media.ts';
import { type FakeManifest, type FakeOptions, newSigner, someBytes, writeMedia } from '../../scenes/write-media.ts';

const signer = newSigner();
const zeros = `sha256:${'0'.repeat(64)}`;
const long = 'x'.repeat(100_000);
let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sealift-hostile-'));
  await trustKey(join(folder, 'trust.json'), { fingerprint: fingerprintToWords(signer.keyId) }, { now: new Date() });
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const contents: FakeOptions['contents'] = [
  {
    kind: 'model',
    name: 'tiny',
    files: { 'model.gguf': someBytes(150_000, 'm'), 'config.json': Buffer.from('{"a":1}') },
  },
  { kind: 'files', name: 'notes', files: { 'a.txt': Buffer.from('a'), 'b/c.txt': Buffer.from('c') } },
  { kind: 'image', name: 'registry.example/app:1', files: { layer: someBytes(3000, 'l') } },
];
const imageAt = 2;

// biome-ignore lint/suspicious/noExplicitAny: a lie may have every shape.
type Loose = any;
type Row = [what: string, code: string, lies: NonNullable<FakeOptions['lies']>];

/** A lie in the list of the whole. */
const head = (what: string, code: string, change: (head: Loose) => unknown): Row => [
  `head: ${what}`,
  code,
  { head: (payload: HeadPayload) => change(structuredClone(payload)) },
];
/** A lie in the list of each medium. */
const medium = (what: string, code: string, change: (medium: Loose) => unknown): Row => [
  `medium: ${what}`,
  code,
  { medium: (payload: MediumPayload) => change(structuredClone(payload)) },
];
/** A lie in the model's manifest. */
const manifest = (what: string, code: string, change: (manifest: Loose) => unknown): Row => [
  `manifest: ${what}`,
  code,
  {
    manifest: (one: FakeManifest, content) => (content.kind === 'model' ? change(structuredClone(one)) : one),
  },
];
/** The path of the model's first file. */
const path = (text: string): Row =>
  manifest(`path ${JSON.stringify(text.slice(0, 40))}`, 'import.unsafe-path', (one) => {
    one.layers[0].annotations['org.cncf.model.filepath'] = text;
    return one;
  });
/** A member of a payload set to values that the schema forbids. */
const values = (kind: typeof head, name: string, given: unknown[], code = 'bundle.malformed'): Row[] =>
  given.map((value) =>
    kind(`${name} is ${JSON.stringify(value)?.slice(0, 30) ?? 'absent'}`, code, (payload) => ({
      ...payload,
      [name]: value,
    })),
  );
/** The same for the first entry of a list. */
const entries = (kind: typeof head, list: string, name: string, given: unknown[], code = 'bundle.malformed'): Row[] =>
  given.map((value) =>
    kind(`${list}[0].${name} is ${JSON.stringify(value)?.slice(0, 30) ?? 'absent'}`, code, (payload) => {
      payload[list][0][name] = value;
      return payload;
    }),
  );

const odd = [undefined, null, -1, 1.5, '', [], {}, long];

const heads: Row[] = [
  ...values(head, 'id', [undefined, 7, 'AB'.repeat(16), 'ab', long]),
  ...values(head, 'name', [undefined, 7, '', long, 'a\u001b[31mb', 'a\nb', 'a\u202eb']),
  ...values(head, 'created', [undefined, 'yesterday', 7, long]),
  ...values(head, 'tool', [undefined, {}, { name: 'other', version: '1' }, { name: 'sealift', version: long }]),
  ...values(head, 'contents', [undefined, {}, [7], [null]]),
  ...values(head, 'media', [undefined, [], {}, [7]]),
  ...values(head, 'requirements', [undefined, { gitlab: long }, { more: 1 }]),
  ...values(head, 'version', [undefined, 0, '1']),
  ...values(head, 'version', [2, 999], 'bundle.newer-format'),
  ...values(head, 'more', [1]),
  ...entries(head, 'contents', 'kind', [undefined, 'program', 7]),
  ...entries(head, 'contents', 'name', [undefined, 7, '', long, 'a\u001bb']),
  ...entries(head, 'contents', 'name', ['../tiny', 'a/b', 'tiny.part', '.', 'CON '], 'import.unsafe-name'),
  ...entries(head, 'contents', 'totalBytes', odd),
  ...entries(head, 'contents', 'source', [7, long, 'a\u001bb']),
  ...entries(head, 'contents', 'licence', [7, long]),
  ...entries(head, 'contents', 'blobs', [undefined, {}, [7], [{ digest: 'sha256:1', sizeBytes: 1 }]]),
  ...entries(head, 'media', 'ordinal', [undefined, 0, 2, 1000, 1.5]),
  ...entries(head, 'media', 'label', [undefined, '', 'a b', long]),
  ...entries(head, 'media', 'label', ['OTHER'], 'bundle.swapped-medium'),
  ...entries(head, 'media', 'mediumSha256', ['0'.repeat(64)], 'bundle.swapped-medium'),
  ...entries(head, 'media', 'mediumSha256', [undefined, 'AA', zeros]),
  ...entries(head, 'contents', 'name', ['con', 'nul.v1', 'com1', 'tiny.', 'a\u0020b'], 'import.unsafe-name'),
  ...entries(head, 'media', 'sizeBytes', [undefined, -1, '1']),
  ...entries(head, 'media', 'files', [undefined, -1, '1']),
  head('two names of one image', 'bundle.malformed', (one) => ({
    ...one,
    contents: ['app:1', 'docker.io/library/app:1'].map((name) => ({ ...one.contents[imageAt], name })),
  })),
  head('one blob with two sizes', 'bundle.content-mismatch', (one) => {
    const blob = one.contents[0].blobs[0];
    one.contents[1].blobs.push({ ...blob, sizeBytes: blob.sizeBytes + 1 });
    return one;
  }),
  ...['not a reference', 'app', 'app:1@sha256:0', 'APP:1', '../app:1'].map((name) =>
    head(`an image named ${name.slice(0, 20)}`, 'import.unsafe-name', (one) => {
      one.contents[imageAt].name = name;
      return one;
    }),
  ),
  ...['application/vnd.oci.image.index.v1+json', 'text/plain'].map((mediaType) =>
    head(`an image listed as ${mediaType}`, 'bundle.content-mismatch', (one) => {
      one.contents[imageAt].manifest.mediaType = mediaType;
      return one;
    }),
  ),
  head('another bundle', 'bundle.foreign', (one) => ({ ...one, id: '0'.repeat(32) })),
  head('two contents of one name', 'bundle.malformed', (one) => ({
    ...one,
    contents: [...one.contents, one.contents[0]],
  })),
  head('201 contents', 'bundle.malformed', (one) => ({
    ...one,
    contents: Array.from({ length: 201 }, (_, index) => ({ ...one.contents[0], name: `m${index}` })),
  })),
  head('a blob that no medium has', 'bundle.content-mismatch', (one) => {
    one.contents[0].blobs.push({ digest: zeros, sizeBytes: 5 });
    return one;
  }),
  head('a manifest that no medium has', 'bundle.content-mismatch', (one) => {
    one.contents[0].manifest.digest = zeros;
    return one;
  }),
  head('a manifest that is another blob', 'bundle.content-mismatch', (one) => {
    Object.assign(one.contents[0].manifest, one.contents[0].blobs[0]);
    return one;
  }),
  head('blobs of other sizes', 'bundle.content-mismatch', (one) => {
    for (const blob of one.contents[0].blobs) blob.sizeBytes += 1;
    return one;
  }),
  head('a blob of 2^53 bytes', 'bundle.content-mismatch', (one) => {
    one.contents[0].blobs[0].sizeBytes = Number.MAX_SAFE_INTEGER;
    return one;
  }),
  head('a manifest without its blobs', 'bundle.content-mismatch', (one) => {
    one.contents[0].blobs = [];
    return one;
  }),
  head('a model that says it is an image', 'import.unsafe-name', (one) => {
    Object.assign(one.contents[0], { kind: 'image', name: 'not a reference' });
    return one;
  }),
];

const media: Row[] = [
  ...values(medium, 'bundle', [undefined, 7, 'AB'.repeat(16)]),
  ...values(medium, 'ordinal', [undefined, 0, 1000, '1']),
  ...values(medium, 'label', [undefined, '', 'a b', 'a\u001bb', long]),
  ...values(medium, 'created', [undefined, 'now']),
  ...values(medium, 'files', [undefined, {}, [7]]),
  ...values(medium, 'version', [undefined, 0, '1']),
  ...values(medium, 'version', [2], 'bundle.newer-format'),
  ...values(medium, 'more', [1]),
  ...entries(medium, 'files', 'path', [
    undefined,
    '',
    '/a',
    '../a',
    'a/../b',
    'a//b',
    'a\\b',
    'C:a',
    'a b',
    'a\u001bb',
    long,
  ]),
  ...entries(medium, 'files', 'path', ['sealift/media.json', 'sealift/bundle.json', '.', 'a/.']),
  ...entries(medium, 'files', 'path', ['CON', 'a/nul.txt', 'a/b.', 'com1', '.../a']),
  ...entries(medium, 'files', 'sizeBytes', odd),
  ...entries(medium, 'files', 'sha256', [undefined, 'AA', zeros, long]),
  ...entries(medium, 'files', 'blocks', [undefined, [], ['AA'], ['0'.repeat(64), '0'.repeat(64)]]),
  medium('a file twice', 'bundle.malformed', (one) => ({ ...one, files: [one.files[0], ...one.files] })),
  medium('files out of order', 'bundle.malformed', (one) => ({ ...one, files: one.files.toReversed() })),
];

const manifests: Row[] = [
  ...[
    '',
    '/a',
    '../a',
    'a/../b',
    './a',
    'a//b',
    'a/',
    'a\\b',
    'C:a',
    'a\u0000b',
    'a\nb',
    'a\u202eb',
    'e\u0301',
    'x'.repeat(300),
  ].map(path),
  ...['CON.txt', 'a/com1', 'COM¹', 'CON .txt', 'a.', 'a /b', 'a?', 'ä'.repeat(128), '中'.repeat(86)].map(path),
  ...['config.json', 'CONFIG.json', 'config.json/a', 'cONFIG.JSON', 'conﬁg.json'].map(path),
  manifest('a member twice', 'bundle.content-mismatch', (one) =>
    Buffer.from(`{"config":${JSON.stringify(one.layers[0])},${JSON.stringify(one).slice(1)}`),
  ),
  manifest('no JSON object', 'bundle.content-mismatch', () => 7),
  manifest('no layers', 'bundle.content-mismatch', (one) => ({ ...one, layers: undefined })),
  manifest('layers that are no list', 'bundle.content-mismatch', (one) => ({ ...one, layers: {} })),
  manifest('a null layer', 'bundle.content-mismatch', (one) => ({ ...one, layers: [null] })),
  manifest('version 1', 'bundle.content-mismatch', (one) => ({ ...one, schemaVersion: 1 })),
  manifest('an image', 'bundle.content-mismatch', (one) => ({ ...one, artifactType: undefined })),
  manifest('a digest of another kind', 'bundle.content-mismatch', (one) => {
    one.layers[0].digest = `sha512:${'0'.repeat(128)}`;
    return one;
  }),
  manifest('a layer that the list lacks', 'bundle.content-mismatch', (one) => {
    one.layers[0].digest = zeros;
    return one;
  }),
  manifest('a layer of another size', 'bundle.content-mismatch', (one) => {
    one.layers[0].size += 1;
    return one;
  }),
  manifest('a layer that is an archive', 'import.unknown-layer', (one) => {
    one.layers[0].mediaType = 'application/vnd.cncf.model.weight.v1.tar+gzip';
    return one;
  }),
  manifest('10,001 layers', 'bundle.content-mismatch', (one) => ({
    ...one,
    layers: Array.from({ length: 10_001 }, () => one.layers[0]),
  })),
  manifest('deep nesting', 'bundle.content-mismatch', (one) => ({ ...one, more: nested(100) })),
  manifest('5 MB', 'file.too-large', (one) => ({ ...one, more: 'x'.repeat(5_000_000) })),
];

function nested(levels: number): unknown {
  return levels === 0 ? 1 : [nested(levels - 1)];
}

describe('a bundle signed by a trusted key that lies', () => {
  const rows = [...heads, ...media, ...manifests];

  it('is tried in at least 170 ways', () => {
    expect(new Set(rows.map(([what]) => what)).size).toBeGreaterThanOrEqual(170);
  });

  it.each(rows)('is refused by import, and reported by verify: %s', async (_what, code, lies) => {
    const { dirs } = writeMedia(folder, { contents, signer, media: 2, partBytes: 65_536, lies });
    await expectRefused(folder, dirs, code);
  });
});
