import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openMedia } from '../../../src/main/core/bundle/read/open-media.ts';
import { verifyBundle } from '../../../src/main/core/bundle/read/verify.ts';
import { fingerprintToWords } from '../../../src/main/core/signing/fingerprint.ts';
import { trustKey } from '../../../src/main/core/signing/trust.ts';
import { quietWork } from '../../../src/main/core/work.ts';
import { builtWorkers } from '../../run-sealift.ts';
import { expectRefused } from '../../scenes/refused-media.ts';
import { type FakeOptions, newSigner, someBytes, writeMedia } from '../../scenes/write-media.ts';

const signer = newSigner();
const path = 'org.cncf.model.filepath';
const blobs = 'sealift/layout/blobs/sha256';
let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sealift-odd-'));
  await trustKey(join(folder, 'trust.json'), { fingerprint: fingerprintToWords(signer.keyId) }, { now: new Date() });
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const contents: FakeOptions['contents'] = [
  { kind: 'model', name: 'tiny', files: { 'model.gguf': someBytes(150_000, 'm'), 'a.json': Buffer.from('{"a":1}') } },
  { kind: 'image', name: 'registry.example/app:1', files: { layer: someBytes(3000, 'l') } },
];

function write(options: Partial<FakeOptions> = {}): string[] {
  return writeMedia(folder, { contents, signer, media: 2, partBytes: 65_536, ...options }).dirs;
}

// biome-ignore lint/suspicious/noExplicitAny: a lie may have every shape.
type Loose = any;
type Row = [what: string, code: string, make: () => string[]];

const model = (what: string, code: string, change: (manifest: Loose) => unknown): Row => [
  `a manifest ${what}`,
  code,
  () => write({ lies: { manifest: (one, { kind }) => (kind === 'model' ? change(structuredClone(one)) : one) } }),
];
const text = (change: (json: string) => string) => (one: Loose) => Buffer.from(change(JSON.stringify(one)));
const named =
  (...names: string[]) =>
  (one: Loose) => {
    for (const [at, name] of names.entries()) one.layers[at].annotations[path] = name;
    return one;
  };
const head = (what: string, code: string, change: (head: Loose) => unknown): Row => [
  `a list of the whole ${what}`,
  code,
  () => write({ lies: { head: (one) => change(structuredClone(one)) } }),
];
const medium = (what: string, code: string, change: (medium: Loose) => unknown): Row => [
  `a list of a medium ${what}`,
  code,
  () => write({ lies: { medium: (one) => change(structuredClone(one)) } }),
];
/** Something else in the place of a file of the first medium, or of the second where the list of the whole is. */
const file = (what: string, code: string, name: string, change: (place: string, dirs: string[]) => void): Row => [
  `${name} ${what}`,
  code,
  () => {
    const dirs = write();
    const dir = dirs[name.endsWith('bundle.json') ? 1 : 0] ?? '';
    change(join(dir, name), dirs);
    return dirs;
  },
];
const changed = (change: (envelope: Buffer) => Buffer | string) => (place: string) =>
  writeFileSync(place, change(readFileSync(place)));
const pipe = (place: string) => {
  rmSync(place, { force: true });
  execFileSync('mkfifo', [place]);
};

const twins = [
  ['straße.txt', 'STRASSE.txt'],
  ['s.txt', '\u017f.txt'],
  ['ı.txt', 'I.txt'],
  ['\u0130.txt', 'i\u0307.txt'],
  ['ς.txt', 'σ.txt'],
] as const;
const unsafe = ['\u212a.txt', 'a\u200db.txt', 'a\ud800.txt', 'a\u{e0041}.txt', `${'a/'.repeat(400)}b`];

const documents: Row[] = [
  ...twins.map((pair) => model(`with the twins ${pair.join(' and ')}`, 'import.unsafe-path', named(...pair))),
  ...unsafe.map((name, at) => model(`with unsafe path ${at}`, 'import.unsafe-path', named(name))),
  model('with a path of 4,000 characters', 'import.unsafe-path', named(`${`${'a'.repeat(200)}/`.repeat(20)}b`)),
  model('without a path', 'import.unsafe-path', (one) => ({
    ...one,
    layers: one.layers.map((layer: Loose) => ({ ...layer, annotations: {} })),
  })),
  model(
    'with a size of 1e400',
    'bundle.content-mismatch',
    text((json) => json.replace(/"size":\d+/, '"size":1e400')),
  ),
  model(
    'with a size of -0',
    'bundle.content-mismatch',
    text((json) => json.replace(/"size":\d+/, '"size":-0')),
  ),
  model(
    'with NULs at its end',
    'bundle.content-mismatch',
    text((json) => `${json}\0\0\0`),
  ),
  model('in UTF-16', 'bundle.content-mismatch', (one) => Buffer.from(JSON.stringify(one), 'utf16le')),
  head('with __proto__', 'bundle.malformed', (one) =>
    JSON.parse(JSON.stringify(one).replace('"requirements":{}', '"requirements":{"__proto__":{"gitlab":"1"}}')),
  ),
  head('with a model named like an option', 'import.unsafe-name', (one) => {
    one.contents[0].name = '-rf';
    return one;
  }),
  head('with labels that differ by letter case', 'bundle.malformed', (one) => {
    one.media.push({ ...one.media[0], ordinal: 3, label: one.media[0].label.toLowerCase() });
    return one;
  }),
  head('with an image that is the model', 'bundle.content-mismatch', (one) => {
    one.contents[1] = { ...one.contents[0], kind: 'image', name: 'registry.example/x:1' };
    return one;
  }),
  head('with one manifest as model and as files', 'import.unsafe-path', (one) => {
    one.contents[1] = { ...one.contents[0], kind: 'files', name: 'twice' };
    return one;
  }),
  medium('without a part in the middle', 'bundle.content-mismatch', (one) => ({
    ...one,
    files: one.files.filter((entry: Loose) => !entry.path.endsWith('.001')),
  })),
  medium('with 2^53 bytes in one block', 'bundle.malformed', (one) => {
    one.files[0].sizeBytes = Number.MAX_SAFE_INTEGER;
    return one;
  }),
  medium('that lists its own SHA256SUMS', 'bundle.malformed', (one) => {
    const entry = { ...one.files[0], path: 'sealift/SHA256SUMS' };
    return { ...one, files: [entry, ...one.files].sort((a: Loose, b: Loose) => (a.path < b.path ? -1 : 1)) };
  }),
];

const files: Row[] = [
  ...['sealift/media.json', 'sealift/bundle.json', 'sealift/key-notices.jsonl'].map((name) =>
    file('is a pipe', 'bundle.link', name, pipe),
  ),
  file(
    'has a mark of its encoding',
    'bundle.malformed',
    'sealift/media.json',
    changed((bytes) => `\ufeff${bytes}`),
  ),
  file(
    'ends in NULs',
    'bundle.malformed',
    'sealift/media.json',
    changed((bytes) => `${bytes}\0\0`),
  ),
  file(
    'has white space that the list of the whole does not know',
    'bundle.swapped-medium',
    'sealift/media.json',
    changed((bytes) => `${bytes} \n`),
  ),
  file(
    'has a payload in another base64',
    'bundle.malformed',
    'sealift/media.json',
    changed((bytes) => bytes.toString().replace(/"payload":"./, '"payload":"_')),
  ),
  file(
    'has nine signatures',
    'bundle.malformed',
    'sealift/media.json',
    changed((bytes) => {
      const one = JSON.parse(bytes.toString());
      const spoilt = Array(8).fill({ ...one.signatures[0], sig: 'AA==' });
      return JSON.stringify({ ...one, signatures: [...spoilt, one.signatures[0]] });
    }),
  ),
  file('is the list of the whole', 'bundle.unknown-payload-type', 'sealift/media.json', (place, dirs) =>
    copyFileSync(join(dirs[1] ?? '', 'sealift/bundle.json'), place),
  ),
  file('is the list of a medium', 'bundle.unknown-payload-type', 'sealift/bundle.json', (place, dirs) =>
    copyFileSync(join(dirs[0] ?? '', 'sealift/media.json'), place),
  ),
];

const largest = (place: string) => {
  const all = readdirSync(place).map((name) => join(place, name));
  return all.sort((a, b) => statSync(b).size - statSync(a).size)[0] ?? '';
};
/** What is found only where the bytes are read. */
const damages: [what: string, spoil: (place: string) => void][] = [
  ['a link to a device without end', (place) => symlinkSync('/dev/zero', place)],
  ['a folder', (place) => mkdirSync(place)],
  ['a pipe', pipe],
];

describe.skipIf(process.platform === 'win32')('an odd medium of a trusted key', () => {
  it.each([...documents, ...files])('is refused by import, and reported by verify: %s', async (_what, code, make) => {
    await expectRefused(folder, make(), code);
  });

  it.each(damages)('is damaged, and opens nothing, where a blob is %s', async (_what, spoil) => {
    const dirs = write();
    const place = largest(join(dirs[0] ?? '', blobs));
    rmSync(place);
    spoil(place);
    const { damage } = await verifyBundle(await openMedia(dirs, join(folder, 'trust.json')), builtWorkers, quietWork());
    expect(damage.map((one) => one.kind)).toEqual(['not-a-file']);
  });

  it('is damaged where the folder of its blobs is a link', async () => {
    const dirs = write();
    renameSync(join(dirs[0] ?? '', blobs), join(folder, 'elsewhere'));
    symlinkSync(join(folder, 'elsewhere'), join(dirs[0] ?? '', blobs));
    const { damage } = await verifyBundle(await openMedia(dirs, join(folder, 'trust.json')), builtWorkers, quietWork());
    expect(new Set(damage.map((one) => one.kind))).toEqual(new Set(['not-a-file']));
  });
});
