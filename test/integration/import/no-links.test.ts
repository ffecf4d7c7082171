import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { PlannedImage } from '../../../src/main/core/bundle/read/planned-image.ts';
import { importBundle } from '../../../src/main/core/import/import-bundle.ts';
import { dropStaged } from '../../../src/main/core/import/import-images.ts';
import type { ImagesPlan } from '../../../src/main/core/import/plan/plan-images.ts';
import { fingerprintToWords } from '../../../src/main/core/signing/fingerprint.ts';
import { trustKey } from '../../../src/main/core/signing/trust.ts';
import { readImports } from '../../../src/main/core/store/read-imports.ts';
import { storePaths } from '../../../src/main/core/store/store-paths.ts';
import { quietWork } from '../../../src/main/core/work.ts';
import { hexOf } from '../../../src/shared/digest.ts';
import { missing } from '../../needs.ts';
import { builtWorkers } from '../../run-sealift.ts';
import { type FakeBundle, ggufBytes, newSigner, sha256, someBytes, writeMedia } from '../../scenes/write-media.ts';

// As exFAT answers; this machine may have no tools to make such a filesystem.
vi.mock('node:fs/promises', async (original) => ({
  ...(await original<typeof import('node:fs/promises')>()),
  link: async () => {
    throw Object.assign(new Error('EPERM: operation not permitted, link'), { code: 'EPERM', syscall: 'link' });
  },
}));

const signer = newSigner();
let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sealift-no-links-'));
  await trustKey(join(folder, 'trust.json'), { fingerprint: fingerprintToWords(signer.keyId) }, { now: new Date() });
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function write(name: string, seed: string): FakeBundle {
  const files = { 'model.gguf': ggufBytes(70_000, seed) };
  return writeMedia(join(folder, name), { signer, contents: [{ kind: 'model', name: 'tiny', files }] });
}

function run(bundle: FakeBundle, work = quietWork()) {
  const where = { store: join(folder, 'store'), trustFile: join(folder, 'trust.json'), workers: builtWorkers };
  return importBundle({ dirs: bundle.dirs, ...where, now: () => new Date() }, work);
}

it('imports by copies where there are no links, copies once, and tells contents of one size apart', async () => {
  const [first, second] = [write('first', 'a'), write('second', 'b')];
  const model = join(folder, 'store/models/tiny/model.gguf');
  await run(first);
  const { ino } = statSync(model);
  expect((await run(first)).bytesWritten).toBe(0);
  expect(statSync(model).ino).toBe(ino);
  expect((await run(second)).findings).toMatchObject([{ id: 'import.replaced' }]);
  expect(readFileSync(model).equals(ggufBytes(70_000, 'b'))).toBe(true);
});

it.skipIf(missing('mounting, as root,', () => process.getuid?.() === 0))(
  'ends before the disk is full where one blob has many names, and leaves nothing of them',
  async () => {
    const store = join(folder, 'store');
    mkdirSync(store);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64m', 'sealift-test', store]);
    try {
      const names = Array.from({ length: 100 }, (_, at) => `${at}.bin`);
      const files = Object.fromEntries(names.map((name) => [name, someBytes(2 * 1024 * 1024, 'one')]));
      const bundle = writeMedia(join(folder, 'many'), { signer, contents: [{ kind: 'files', name: 'many', files }] });
      // Only the refusal of the reserve says how much is free.
      const details = { path: store, freeBytes: expect.any(Number) };
      await expect(run(bundle)).rejects.toMatchObject({ code: 'space.ran-out', wire: { details } });
      expect(readdirSync(join(store, 'files'))).toEqual([]);
    } finally {
      execFileSync('umount', [store]);
    }
  },
);

it('ends at once when it is cancelled while it lays out files', async () => {
  const bundle = write('first', 'a');
  const abort = new AbortController();
  const work = { ...quietWork(abort.signal), step: (id: string) => void (id === 'lay-out' && abort.abort()) };
  await expect(run(bundle, work)).rejects.toThrow();
  expect(readdirSync(join(folder, 'store/models'))).toEqual([]);
});

it('reports how many of the files of all contents are laid out', async () => {
  const files = Object.fromEntries(['1', '2', '3'].map((name) => [name, Buffer.from(name)]));
  const contents = ['first', 'second'].map((name) => ({ kind: 'files' as const, name, files }));
  const bundle = writeMedia(join(folder, 'two'), { signer, contents });
  const told: unknown[] = [];
  let at = '';
  const step = (id: string) => {
    at = id;
  };
  await run(bundle, { ...quietWork(), step, progress: (one) => void (at === 'lay-out' && told.push(one)) });
  const rows = [0, 1, 2, 3].map((done) => ({ done, total: 6, unit: 'items', item: 'first' }));
  expect(told).toEqual([...rows, ...rows.map((one) => ({ ...one, done: one.done + 3, item: 'second' }))]);
});

it('keeps what other imports brought when it drops what was staged for images', async () => {
  const bundle = write('first', 'a');
  await run(bundle);
  const paths = storePaths(join(folder, 'store'));
  const [blob] = bundle.head.contents[0]?.blobs.slice(1) ?? [];
  if (!blob) throw new Error('the bundle has no layer');
  const staged = someBytes(100, 'staged');
  writeFileSync(paths.blob(sha256(staged)), staged);
  const layers = [blob.digest, `sha256:${sha256(staged)}`].map((digest) => ({
    digest,
    sizeBytes: 1,
    isCompressed: false,
  }));
  const image = { configDigest: `sha256:${'0'.repeat(64)}`, configBytes: 1, layers } as PlannedImage;
  const images = { plan: { present: [image], wanted: [], unseen: [] } as unknown as ImagesPlan };
  const plan = {
    contents: [],
    models: [],
    blobs: [],
    firstCount: 0,
    unknownBlobs: [],
    skippedBytes: 0,
    neededBytes: 0,
    copiedBytes: 0,
  };
  await dropStaged({ images, plan, paths, records: await readImports(paths.store) });
  expect(existsSync(paths.blob(sha256(staged)))).toBe(false);
  expect(existsSync(paths.blob(hexOf(blob.digest)))).toBe(true);
});
