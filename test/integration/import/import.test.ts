import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { mkdtemp, open as openFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { blockBytes } from '../../../src/main/core/bundle/format/format.ts';
import { importBundle } from '../../../src/main/core/import/import-bundle.ts';
import { importsHandlers } from '../../../src/main/core/import/imports-handlers.ts';
import { preflight } from '../../../src/main/core/import/plan/preflight.ts';
import { openImport, prepareImport } from '../../../src/main/core/import/prepare-import.ts';
import { placeBlobs } from '../../../src/main/core/import/weights/copy-blobs.ts';
import type { CorePorts } from '../../../src/main/core/ports.ts';
import { homePaths } from '../../../src/main/core/settings/paths.ts';
import { fingerprintToWords } from '../../../src/main/core/signing/fingerprint.ts';
import { trustKey } from '../../../src/main/core/signing/trust.ts';
import { findModel } from '../../../src/main/core/store/find-model.ts';
import { readImports } from '../../../src/main/core/store/read-imports.ts';
import { type StorePaths, storePaths } from '../../../src/main/core/store/store-paths.ts';
import { quietWork, type Work } from '../../../src/main/core/work.ts';
import type { JobProgress } from '../../../src/shared/jobs.ts';
import { missing } from '../../needs.ts';
import { builtWorkers, runSealift } from '../../run-sealift.ts';
import {
  type FakeBundle,
  type FakeManifest,
  type FakeOptions,
  ggufBytes,
  newSigner,
  sha256,
  someBytes,
  writeMedia,
} from '../../scenes/write-media.ts';

const partBytes = blockBytes + 65_536;
const weights = ggufBytes(2 * partBytes + 1000, 'weights');
const modelFiles = { 'model.gguf': weights, 'sub/tokenizer.json': Buffer.from('{}'), 'copy.json': Buffer.from('{}') };
const contents: FakeOptions['contents'] = [
  { kind: 'model', name: 'tiny', files: modelFiles },
  { kind: 'files', name: 'notes', files: { 'docs/README.md': Buffer.from('hello'), empty: Buffer.alloc(0) } },
];
const signer = newSigner();
let folder = '';
let store = '';
let trustFile = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sealift-import-'));
  store = join(folder, 'home', 'store');
  trustFile = join(folder, 'home', 'trust.json');
  await trustKey(trustFile, { fingerprint: fingerprintToWords(signer.keyId) }, { now: new Date() });
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function write(options: Partial<FakeOptions> = {}, to = 'media'): FakeBundle {
  return writeMedia(join(folder, to), { contents, signer, media: 2, partBytes, ...options });
}

function run(dirs: string[], more: Partial<Parameters<typeof importBundle>[0]> = {}) {
  const input = { dirs, store, trustFile, workers: builtWorkers, now: () => new Date(), ...more };
  return importBundle(input, quietWork());
}

/** What an import of these media will write to a store. */
async function planned(dirs: string[], paths: StorePaths) {
  const open = await openImport({ dirs, trustFile }, paths);
  return (await prepareImport(open, paths, { dirs }, new AbortController().signal)).plan;
}

/** The progress in bytes that an import of these media tells. */
async function progressOf(dirs: string[], more: Partial<Work> = {}): Promise<JobProgress[]> {
  const told: JobProgress[] = [];
  const progress = (one: JobProgress) => void (one.unit === 'bytes' && told.push(one));
  const work = { ...quietWork(), progress, ...more };
  await importBundle({ dirs, store, trustFile, workers: builtWorkers, now: () => new Date() }, work);
  return told;
}

const errorOf = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error) => error,
  );
/** A model as the record of the newest import that brought one of that name lists it; undefined when its folder is gone. */
async function newestModel(name: string) {
  if (!existsSync(join(store, 'models', name))) return undefined;
  for (const { bundle, models } of await readImports(store)) {
    const model = models.find((one) => one.name === name);
    if (model) return { ...model, bundleId: bundle.id };
  }
  return undefined;
}
const blob = (bytes: Buffer) => join(store, 'blobs/sha256', sha256(bytes));
/** Large buffers are compared by digest: the matcher would walk them byte by byte. */
const hashOf = (path: string) => sha256(readFileSync(path));
const parts = () => readdirSync(join(store, 'blobs/sha256')).filter((name) => name.endsWith('.part'));
const mode = (path: string) => statSync(path).mode & 0o777;

/** Path, size, time and mode of everything below a folder. */
function snapshot(root: string): string[] {
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .sort()
    .map((path) => {
      const { size, mtimeMs, mode: bits } = statSync(join(root, path));
      return `${path} ${size} ${mtimeMs} ${bits}`;
    });
}

function findFile(bundle: FakeBundle, path: string): string {
  return bundle.dirs.map((dir) => join(dir, path)).find((file) => existsSync(file)) ?? '';
}

const partPath = (index: number) => `sealift/layout/blobs/sha256/${sha256(weights)}.00${index}`;

describe('import', () => {
  it('imports models and files unchanged, reads once, and writes nothing to the media', async () => {
    const bundle = write();
    const before = bundle.dirs.map(snapshot);
    const result = await run(bundle.dirs);
    expect(bundle.dirs.map(snapshot)).toEqual(before);
    const unique = new Map(
      bundle.head.contents.flatMap((one) => [one.manifest, ...one.blobs]).map((one) => [one.digest, one.sizeBytes]),
    );
    const total = [...unique.values()].reduce((sum, size) => sum + size, 0);
    expect(result).toMatchObject({
      bytesRead: total,
      bytesWritten: total,
      resumedBytes: 0,
      skippedBytes: 0,
      images: [],
      findings: [],
    });
    for (const [path, bytes] of Object.entries(modelFiles))
      expect(hashOf(join(store, 'models/tiny', path))).toBe(sha256(bytes));
    expect(readFileSync(join(store, 'files/notes/docs/README.md'), 'utf8')).toBe('hello');
    expect(statSync(join(store, 'models/tiny/model.gguf')).ino).toBe(statSync(blob(weights)).ino);
    expect([mode(blob(weights)), mode(join(store, 'models/tiny')), mode(join(store, 'models/tiny/sub'))]).toEqual([
      0o444, 0o755, 0o755,
    ]);
    expect(parts()).toEqual([]);
    expect(readdirSync(join(store, 'ledgers'))).toEqual([]);
  });

  it('keeps a record that findModel and readImports return', async () => {
    const bundle = write();
    await run(bundle.dirs);
    const [record, ...others] = await readImports(store);
    expect(others).toEqual([]);
    expect(record).toMatchObject({ bundle: { id: bundle.id }, signature: { keyId: signer.keyId, trust: 'trusted' } });
    expect(record?.models[0]?.files).toContainEqual({
      path: 'model.gguf',
      sha256: sha256(weights),
      sizeBytes: weights.length,
    });
    expect(await findModel(store, 'tiny')).toMatchObject({
      path: join(store, 'models/tiny/model.gguf'),
      sha256: sha256(weights),
    });
    await expect(findModel(store, 'other')).rejects.toMatchObject({ code: 'site.model-missing' });
    rmSync(join(store, 'models/tiny'), { recursive: true });
    await expect(findModel(store, 'tiny')).rejects.toMatchObject({ code: 'site.model-missing' });
  });

  it('records the file that is served, and findModel opens it with its own parts only', async () => {
    const [projector, first, second, other] = [
      'a-vision.gguf',
      'b-00001-of-00002.gguf',
      'b-00002-of-00002.gguf',
      'c.gguf',
    ];
    const tree = Object.fromEntries([projector, first, second, other].map((name) => [name, ggufBytes(100, name)]));
    const manifest = (made: FakeManifest) => ({
      ...made,
      layers: made.layers.map((layer) => {
        const isServed = layer.annotations['org.cncf.model.filepath'] === first;
        return isServed
          ? { ...layer, annotations: { ...layer.annotations, 'org.sealift.model.served': 'true' } }
          : layer;
      }),
    });
    const contents = [{ kind: 'model' as const, name: 'several', files: tree }];
    await run(writeMedia(join(folder, 'served'), { signer, contents, lies: { manifest } }).dirs);
    expect((await readImports(store))[0]?.models[0]?.served).toBe(first);
    const path = join(store, 'models/several', first ?? '');
    expect(await findModel(store, 'several')).toMatchObject({ path, sizeBytes: 200 });
  });

  it('never opens a projector of a bundle that does not say what is served', async () => {
    const tree = { 'a-mmproj-f16.gguf': ggufBytes(90, 'p'), 'b.gguf': ggufBytes(95, 'm') };
    const contents = [{ kind: 'model' as const, name: 'older', files: tree }];
    await run(writeMedia(join(folder, 'older'), { signer, contents }).dirs);
    const path = join(store, 'models/older/b.gguf');
    expect(await findModel(store, 'older')).toMatchObject({ path, sizeBytes: 95 });
  });

  it('reads no existing content again', async () => {
    const bundle = write();
    const first = await run(bundle.dirs);
    const record = readFileSync(storePaths(store).record(bundle.id), 'utf8');
    expect(await run(bundle.dirs)).toMatchObject({ bytesRead: 0, bytesWritten: 0, skippedBytes: first.bytesRead });
    expect(readFileSync(storePaths(store).record(bundle.id), 'utf8')).toBe(record);
  });

  it('counts as work what the present media hold, and what the store has already', async () => {
    const bundle = write({ media: 3 });
    // Stopped when all media were seen and none was read to its end.
    const stop = new AbortController();
    await expect(
      progressOf(bundle.dirs, { signal: stop.signal, step: (id) => id === 'copy' && stop.abort() }),
    ).rejects.toThrow('aborted');
    const first = (await progressOf([bundle.dirs[0] ?? ''])).at(-1);
    expect(first).toMatchObject({ done: first?.total });
    expect(first?.total).toBeLessThan(weights.length);
    const rest = (await progressOf(bundle.dirs.slice(1))).at(-1);
    expect(rest).toMatchObject({ done: rest?.total });
    expect(rest?.total).toBeGreaterThan(weights.length);
    expect(await readImports(store)).toHaveLength(1);
  });

  it('takes media one after another, in any order', async () => {
    for (const order of [
      [0, 1, 2],
      [2, 1, 0],
      [1, 2, 0],
    ]) {
      store = join(folder, `store-${order.join('')}`);
      const bundle = write({ media: 3 }, `media-${order.join('')}`);
      let read = 0;
      for (const at of order.slice(0, -1)) {
        const stage = await run([bundle.dirs[at] ?? '']);
        expect(stage).toMatchObject({ isComplete: false, read: [`TEST-${at + 1}`], models: [], files: [] });
        expect(stage.findings[0]).toMatchObject({ id: 'import.next-medium', severity: 'amber' });
        read += 1;
      }
      expect(existsSync(join(store, 'models/tiny'))).toBe(false);
      const last = await run([bundle.dirs[order.at(-1) ?? 0] ?? '']);
      expect(last.resumedBytes + last.skippedBytes).toBeGreaterThan(0);
      expect(hashOf(join(store, 'models/tiny/model.gguf'))).toBe(sha256(weights));
      expect(read).toBe(2);
    }
  });

  it('names the missing medium by its label, and imports the rest meanwhile', async () => {
    const bundle = write({ media: 3 });
    const outer = [bundle.dirs[0] ?? '', bundle.dirs[2] ?? ''];
    const stage = await run(outer);
    expect(stage).toMatchObject({ isComplete: false, missing: [{ label: 'TEST-2', ordinal: 2 }] });
    expect(stage.findings[0]?.remedies[0]).toMatchObject({ command: `sealift import ${outer.join(' ')}` });
    const idle = await errorOf(run(outer));
    expect(idle).toMatchObject({
      code: 'import.medium-missing',
      exitCode: 4,
      wire: { details: { labels: ['TEST-2'] } },
    });
    const first = await run([bundle.dirs[1] ?? '']);
    const middle = statSync(findFile(bundle, partPath(1))).size;
    expect(first.bytesRead).toBeLessThanOrEqual(middle + 2000);
  });

  it('leaves images out and says so', async () => {
    const image = {
      kind: 'image' as const,
      name: 'registry.example/app:1',
      files: { layer: someBytes(70_000, 'layer') },
    };
    const bundle = write({ contents: [...contents, image] });
    const result = await run(bundle.dirs, { engine: 'none' });
    expect(result.findings).toMatchObject([{ id: 'import.image-left-out', severity: 'amber' }]);
    expect(existsSync(blob(someBytes(70_000, 'layer')))).toBe(false);
    expect((await readImports(store))[0]?.leftOut).toMatchObject([{ kind: 'image', name: 'registry.example/app:1' }]);
  });

  it('replaces all of an older model of the same name', async () => {
    await run(write().dirs);
    const newer = { kind: 'model' as const, name: 'tiny', files: { 'model.gguf': ggufBytes(90, 'new') } };
    await run(write({ contents: [newer], media: 1 }, 'newer').dirs);
    expect(readdirSync(join(store, 'models'))).toEqual(['tiny']);
    expect(readdirSync(join(store, 'models/tiny'))).toEqual(['model.gguf']);
    expect((await newestModel('tiny'))?.files).toHaveLength(1);
  });

  it('records why an untrusted bundle was imported', async () => {
    const bundle = write({ signer: newSigner() });
    await expect(run(bundle.dirs)).rejects.toMatchObject({ code: 'bundle.untrusted' });
    expect(existsSync(store)).toBe(false);
    const result = await run(bundle.dirs, { overrideReason: 'no phone today' });
    expect(result.findings).toMatchObject([{ id: 'import.trust-overridden' }]);
    expect((await readImports(store))[0]?.signature).toMatchObject({
      trust: 'overridden',
      overrideReason: 'no phone today',
    });
  });
});

describe('import of damaged media', () => {
  it.each([
    [
      'a flipped byte',
      'bundle.damaged',
      4,
      (file: string) => writeSync(openSync(file, 'r+'), Buffer.from([1, 2, 3]), 0, 3, blockBytes + 9),
    ],
    ['a truncated part', 'bundle.truncated', 4, (file: string) => truncateSync(file, 1000)],
    ['a missing part', 'bundle.missing-file', 4, (file: string) => rmSync(file)],
    ['a link', 'bundle.link', 3, (file: string) => toLink(file)],
  ])('stops at %s, shows nothing, and continues with a good copy', async (_what, code, exitCode, harm) => {
    const bundle = write();
    const file = findFile(bundle, partPath(1));
    const good = readFileSync(file);
    harm(file);
    const error = await errorOf(run(bundle.dirs));
    expect(error).toMatchObject({ code, exitCode });
    if (code === 'bundle.damaged') {
      const place = {
        medium: expect.stringMatching(/^TEST-/),
        path: partPath(1),
        block: 1,
        offsetBytes: blockBytes,
        lengthBytes: 65_536,
      };
      expect(error.wire.details).toEqual(place);
    }
    expect(existsSync(blob(weights))).toBe(false);
    expect(existsSync(join(store, 'models/tiny'))).toBe(false);
    rmSync(file, { force: true });
    writeFileSync(file, good);
    const result = await run(bundle.dirs);
    expect(result.resumedBytes).toBeGreaterThanOrEqual(partBytes);
    expect(hashOf(join(store, 'models/tiny/model.gguf'))).toBe(sha256(weights));
  });

  function toLink(file: string): void {
    renameSync(file, join(folder, 'moved'));
    symlinkSync(join(folder, 'moved'), file);
  }
});

describe('import of hostile bundles', () => {
  const layers = (change: (path: string) => string | undefined): FakeOptions['lies'] => ({
    manifest: (manifest) => ({
      ...manifest,
      layers: manifest.layers.map((layer) => ({
        ...layer,
        annotations: Object.fromEntries(
          Object.entries(layer.annotations).flatMap(([key, path]) =>
            change(path) === undefined ? [] : [[key, change(path)]],
          ),
        ),
      })),
    }),
  });
  it.each([
    ['a path that climbs', 'import.unsafe-path', layers(() => '../../../evil')],
    ['an absolute path', 'import.unsafe-path', layers((path) => `/tmp/${path}`)],
    ['a path twice', 'import.unsafe-path', layers(() => 'same')],
    ['no path', 'import.unsafe-path', layers(() => undefined)],
    ['file and folder', 'import.unsafe-path', layers((path) => (path === 'model.gguf' ? 'sub' : path))],
    [
      'a layer that is no file',
      'import.unknown-layer',
      {
        manifest: (one) => ({
          ...one,
          layers: one.layers.map((layer) => ({ ...layer, mediaType: 'application/vnd.cncf.model.weight.v1.tar' })),
        }),
      },
    ],
    [
      'another artifact type',
      'bundle.content-mismatch',
      { manifest: (one) => ({ ...one, artifactType: 'application/x' }) },
    ],
    [
      'a layer that the list lacks',
      'bundle.content-mismatch',
      { manifest: (one) => ({ ...one, layers: one.layers.map((layer) => ({ ...layer, size: layer.size + 1 })) }) },
    ],
    ['a manifest that is none', 'bundle.content-mismatch', { manifest: () => ({ schemaVersion: 2 }) }],
    ['a manifest of 5 MB', 'file.too-large', { manifest: (one) => ({ ...one, note: 'x'.repeat(5_000_000) }) }],
    [
      'a name that climbs',
      'import.unsafe-name',
      { head: (head) => ({ ...head, contents: head.contents.map((one) => ({ ...one, name: `../${one.name}` })) }) },
    ],
    [
      'a blob that is on no medium',
      'bundle.content-mismatch',
      {
        head: (head) => ({
          ...head,
          contents: head.contents.map((one) => ({
            ...one,
            blobs: [...one.blobs, { digest: `sha256:${'0'.repeat(64)}`, sizeBytes: 5 }],
          })),
        }),
      },
    ],
    [
      'a blob of another size',
      'bundle.content-mismatch',
      {
        head: (head) => ({
          ...head,
          contents: head.contents.map((one) => ({
            ...one,
            blobs: one.blobs.map((each) => ({ ...each, sizeBytes: each.sizeBytes + 1 })),
          })),
        }),
      },
    ],
  ] as [string, string, FakeOptions['lies']][])('refuses %s', async (_what, code, lies) => {
    const bundle = write({ ...(lies && { lies }) });
    await expect(run(bundle.dirs)).rejects.toMatchObject({ code, exitCode: 3 });
    expect(existsSync(join(folder, 'evil'))).toBe(false);
    expect(existsSync(join(store, 'models/tiny'))).toBe(false);
  });

  it('refuses a blob whose parts are as signed but make another digest', async () => {
    const other = ggufBytes(weights.length, 'other');
    const bundle = write({
      lies: {
        medium: (one) => ({
          ...one,
          files: one.files.map((file) => {
            const at = /\.00(\d)$/.exec(file.path)?.[1];
            if (at === undefined) return file;
            const bytes = other.subarray(Number(at) * partBytes, (Number(at) + 1) * partBytes);
            const blocks = [bytes.subarray(0, blockBytes), bytes.subarray(blockBytes)].filter(
              (piece) => piece.length > 0,
            );
            return { ...file, sha256: sha256(bytes), blocks: blocks.map(sha256) };
          }),
        }),
      },
    });
    for (const index of [0, 1, 2])
      writeFileSync(findFile(bundle, partPath(index)), other.subarray(index * partBytes, (index + 1) * partBytes));
    await expect(run(bundle.dirs)).rejects.toMatchObject({ code: 'bundle.content-mismatch' });
    expect(existsSync(blob(weights))).toBe(false);
    expect(parts()).toEqual([]);
  });
});

describe('import into the store', () => {
  it('refuses a store where it may not write', async () => {
    const bundle = write();
    writeFileSync(join(folder, 'file'), '');
    await expect(run(bundle.dirs, { store: join(folder, 'file', 'store') })).rejects.toMatchObject({
      code: 'file.denied',
      exitCode: 3,
    });
  });

  it('lets one import at a time write to a store, whoever runs it', async () => {
    const bundle = write();
    const both = await Promise.allSettled([run(bundle.dirs), run(bundle.dirs)]);
    expect(both.map((one) => (one.status === 'rejected' ? one.reason.code : 'done')).sort()).toEqual([
      'done',
      'lock.held',
    ]);
    expect(readdirSync(store)).not.toContain('lock');
    expect(mode(store)).toBe(0o755);
  });

  it("explains what the store's disk answers at the ledger", async () => {
    const bundle = write({ media: 1 });
    const paths = storePaths(store);
    const plan = await planned(bundle.dirs, paths);
    await preflight(paths, 0, 0);
    mkdirSync(paths.ledger(sha256(weights)));
    const placing = placeBlobs({ store, blobs: plan.blobs }, new AbortController().signal, () => undefined);
    await expect(placing).rejects.toMatchObject({ code: 'file.denied', wire: { details: { path: store } } });
  });

  it("reads a block from the medium again when the store's disk does not return it", async () => {
    const bundle = write({ media: 1 });
    const paths = storePaths(store);
    const plan = await planned(bundle.dirs, paths);
    const blobs = plan.blobs.filter((one) => one.hex === sha256(weights));
    await preflight(paths, plan.neededBytes, 0);
    writeFileSync(paths.blobPart(sha256(weights)), weights.subarray(0, blockBytes));
    const committed = { offsetBytes: 0, lengthBytes: blockBytes, sha256: sha256(weights.subarray(0, blockBytes)) };
    writeFileSync(paths.ledger(sha256(weights)), `${JSON.stringify(committed)}\n`);
    const file = await openFile(trustFile);
    const badSector = Object.assign(new Error('EIO: i/o error, read'), { code: 'EIO', syscall: 'read' });
    const read = vi.spyOn(Object.getPrototypeOf(file), 'read').mockRejectedValueOnce(badSector);
    await file.close();
    const totals = await placeBlobs({ store, blobs }, new AbortController().signal, () => undefined);
    read.mockRestore();
    expect(totals).toMatchObject({ resumedBytes: 0, bytesRead: weights.length, incomplete: [] });
    expect(hashOf(blob(weights))).toBe(sha256(weights));
  });

  it('proves resumed blocks in the store, and reads a bad one again from the medium', async () => {
    const bundle = write({ media: 1 });
    const paths = storePaths(store);
    const open = await openImport({ dirs: bundle.dirs, trustFile }, paths);
    const { plan } = await prepareImport(open, paths, { dirs: bundle.dirs }, new AbortController().signal);
    await preflight(paths, plan.neededBytes, 0);
    const abort = new AbortController();
    let read = 0;
    const placing = placeBlobs({ store, blobs: plan.blobs }, abort.signal, (event) => {
      read += event.bytes;
      if (read > 2 * partBytes - 10) abort.abort(new Error('enough'));
    });
    await expect(placing).rejects.toThrow('enough');
    const [part = ''] = parts();
    writeSync(openSync(join(paths.blobs, part), 'r+'), Buffer.from('bad'), 0, 3, 77);
    const result = await run(bundle.dirs);
    expect(hashOf(join(store, 'models/tiny/model.gguf'))).toBe(sha256(weights));
    expect(result.resumedBytes).toBeGreaterThan(0);
    expect(result.bytesRead).toBeGreaterThanOrEqual(blockBytes);
    expect(result.resumedBytes + result.bytesRead + result.skippedBytes).toBe(
      open.head?.payload.contents
        .flatMap((one) => [one.manifest, ...one.blobs])
        .filter((one, at, all) => all.findIndex((other) => other.digest === one.digest) === at)
        .reduce((sum, one) => sum + one.sizeBytes, 0),
    );
  });

  it('resumes after blocks that start and end anywhere in the blob, some of which go past the cache', async () => {
    const odd = 3 * blockBytes + 4097;
    const long = ggufBytes(2 * odd + 3, 'odd');
    const files = { 'model.gguf': long };
    const bundle = write({ media: 1, partBytes: odd, contents: [{ kind: 'model', name: 'tiny', files }] });
    const paths = storePaths(store);
    const plan = await planned(bundle.dirs, paths);
    await preflight(paths, plan.neededBytes, 0);
    for (const stopAt of [blockBytes + 1, odd, odd + blockBytes + 1]) {
      const abort = new AbortController();
      let done = 0;
      const placing = placeBlobs({ store, blobs: plan.blobs }, abort.signal, (event) => {
        done += event.bytes;
        if (done > stopAt) abort.abort(new Error('enough'));
      });
      await expect(placing).rejects.toThrow('enough');
    }
    expect((await run(bundle.dirs)).resumedBytes).toBeGreaterThanOrEqual(odd + blockBytes);
    expect(hashOf(blob(long))).toBe(sha256(long));
  });

  it.skipIf(process.platform !== 'linux')('works where address space is limited', async () => {
    const bundle = write();
    const home = join(folder, 'home');
    const words = [process.execPath, join(builtWorkers, 'cli.js'), '--home', home, 'import', ...bundle.dirs, '--json'];
    // Aligned memory takes 10 GiB of addresses.
    const done = spawnSync('sh', ['-c', 'ulimit -v 6000000 && exec "$@"', 'sh', ...words], { encoding: 'utf8' });
    expect(JSON.parse(done.stdout)).toMatchObject({ ok: true });
    expect(hashOf(blob(weights))).toBe(sha256(weights));
  });

  it('ignores ledger lines that are torn, foreign or lie', async () => {
    const bundle = write({ media: 1 });
    const paths = storePaths(store);
    mkdirSync(paths.ledgers, { recursive: true });
    mkdirSync(paths.blobs, { recursive: true });
    const lie = { offsetBytes: 0, lengthBytes: blockBytes, sha256: sha256(weights.subarray(0, blockBytes)) };
    writeFileSync(paths.ledger(sha256(weights)), `nonsense\n${JSON.stringify(lie)}\n{"offsetBytes":16`);
    const result = await run(bundle.dirs);
    expect(result.resumedBytes).toBe(0);
    expect(hashOf(join(store, 'models/tiny/model.gguf'))).toBe(sha256(weights));
  });

  it('resumes after a kill between the last sync and the rename', async () => {
    const bundle = write({ media: 1 });
    const paths = storePaths(store);
    mkdirSync(paths.blobs, { recursive: true });
    writeFileSync(paths.blobPart(sha256(weights)), weights);
    chmodSync(paths.blobPart(sha256(weights)), 0o444);
    mkdirSync(join(paths.models, 'tiny.part'), { recursive: true });
    writeFileSync(join(paths.models, 'tiny.part', 'left'), 'over');
    await run(bundle.dirs);
    expect(hashOf(join(store, 'models/tiny/model.gguf'))).toBe(sha256(weights));
    expect(readdirSync(paths.models)).toEqual(['tiny']);
  });

  it('refuses a blob of the store that has another size', async () => {
    const paths = storePaths(store);
    mkdirSync(paths.blobs, { recursive: true });
    writeFileSync(blob(weights), 'short');
    await expect(run(write().dirs)).rejects.toMatchObject({ code: 'import.store-damaged' });
  });
});

describe.skipIf(missing('the right to mount a tmpfs', canMount))('import on small and read-only filesystems', () => {
  let mount = '';
  beforeEach(() => {
    mount = join(folder, 'mount');
    mkdirSync(mount);
  });
  afterEach(() => spawnSync('umount', [mount]));
  const mountTmpfs = (options: string) => execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', mount]);

  it('says before the first write that the space is short', async () => {
    mountTmpfs('size=20m');
    const error = await errorOf(run(write().dirs, { store: join(mount, 'store') }));
    expect(error).toMatchObject({ code: 'space.short', exitCode: 3 });
    expect(error.wire.details.neededBytes).toBeGreaterThan(weights.length);
    expect(readdirSync(mount)).toEqual([]);
  });

  it('counts what engine and store need together when they share a filesystem', async () => {
    mountTmpfs('size=64m');
    const device = statSync(mount).dev;
    const filesystem = { freeBytes: 2 ** 26, reserveBytes: 2 ** 22, device };
    const engine = { path: join(mount, 'engine'), contentBytes: 2 ** 25, filesystem };
    const paths = storePaths(join(mount, 'store'));
    const error = await errorOf(preflight(paths, 2 ** 25, 0, engine));
    expect(error).toMatchObject({ code: 'space.short' });
    expect(error.wire.details).toMatchObject({ path: `${paths.store}, ${engine.path}` });
    expect(error.wire.details.neededBytes).toBeGreaterThan(2 ** 26);
    await preflight(paths, 2 ** 25, 0, { ...engine, filesystem: { ...filesystem, device: device + 1 } });
  });

  it('stops when the space runs out meanwhile, and resumes when there is more', async () => {
    mountTmpfs('size=24m');
    store = join(mount, 'store');
    const bundle = write();
    const paths = storePaths(store);
    const plan = await planned(bundle.dirs, paths);
    await preflight(paths, 0, 0);
    const placing = placeBlobs({ store, blobs: plan.blobs }, new AbortController().signal, () => undefined);
    await expect(placing).rejects.toMatchObject({ code: 'space.ran-out', exitCode: 3 });
    execFileSync('mount', ['-o', 'remount,size=64m', mount]);
    const result = await run(bundle.dirs);
    expect(result.resumedBytes).toBeGreaterThanOrEqual(blockBytes);
    expect(hashOf(join(store, 'models/tiny/model.gguf'))).toBe(sha256(weights));
  });

  it('says that it may not write on a read-only filesystem', async () => {
    mountTmpfs('size=64m');
    mkdirSync(join(mount, 'store'));
    execFileSync('mount', ['-o', 'remount,ro', mount]);
    await expect(run(write().dirs, { store: join(mount, 'store') })).rejects.toMatchObject({
      code: 'file.denied',
      exitCode: 3,
    });
  });

  it('imports from media that are mounted read-only', async () => {
    mountTmpfs('size=64m');
    const bundle = write({}, 'mount');
    execFileSync('mount', ['-o', 'remount,ro', mount]);
    await run(bundle.dirs);
    expect(hashOf(join(store, 'models/tiny/model.gguf'))).toBe(sha256(weights));
  });
});

describe('sealift import', () => {
  it('prints the documented fields, and honours --store', async () => {
    const bundle = write();
    const home = join(folder, 'home');
    const elsewhere = join(folder, 'elsewhere');
    const done = await runSealift('--home', home, 'import', ...bundle.dirs, '--store', elsewhere, '--json');
    expect(done).toMatchObject({ exitCode: 0, json: { ok: true } });
    const model = {
      id: 'tiny',
      path: join(elsewhere, 'models/tiny'),
      bytes: weights.length + 4,
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    };
    expect(done.json.data).toMatchObject({
      images: [],
      models: [model],
      files: [{ id: 'notes' }],
      resumedBytes: 0,
      durationMs: expect.any(Number),
    });
    const stage = await runSealift('--home', home, 'import', bundle.dirs[1] ?? '', '--json');
    expect(stage).toMatchObject({
      exitCode: 1,
      json: { ok: true, data: { missing: [{ label: 'TEST-1', ordinal: 1 }] } },
    });
    const store2 = join(folder, 'another store');
    const said = await runSealift('--home', home, 'import', bundle.dirs[1] ?? '', '--store', store2);
    expect(said.exitCode).toBe(1);
    expect(said.stdout).toContain('◐ Read TEST-2');
    expect(said.stdout).toContain(
      `Insert medium 1 (TEST-1) and run: sealift --home ${home} import ${bundle.dirs[1]} --store '${store2}'`,
    );
  });

  it('reports that a name in the store gets other content, and what it means now', async () => {
    const other: FakeOptions['contents'] = [
      { kind: 'model', name: 'tiny', files: { 'model.gguf': ggufBytes(5000, 'other weights') } },
      { kind: 'files', name: 'notes', files: { 'docs/README.md': Buffer.from('hello') } },
    ];
    const [first, second] = [write({ media: 1 }, 'first'), write({ media: 1, contents: other }, 'second')];
    const digestOf = (bundle: FakeBundle) => bundle.head.contents[0]?.manifest.digest ?? '';
    await run(first.dirs);
    expect((await run(first.dirs)).findings).toEqual([]);
    for (const [now, before] of [
      [second, first],
      [first, second],
    ] as const) {
      const { findings } = await run(now.dirs, { allowOlder: true });
      const replaced = findings.filter((one) => one.id !== 'import.older-allowed');
      expect(replaced.map((one) => one.id)).toEqual(['import.replaced', 'import.replaced']);
      expect(replaced[0]?.title).toContain(digestOf(before));
      expect(replaced[0]?.title).toContain(digestOf(now));
      expect(await newestModel('tiny')).toMatchObject({ manifestDigest: digestOf(now), bundleId: now.id });
    }
  });

  const twins = () => {
    const of = (name: string): FakeOptions['contents'] => [
      { kind: 'model', name: 'tiny', files: { 'model.gguf': ggufBytes(5000, name) } },
    ];
    return [write({ media: 1, contents: of('a') }, 'first'), write({ media: 1, contents: of('b') }, 'second')] as const;
  };
  const digestOf = (bundle: FakeBundle) => bundle.head.contents[0]?.manifest.digest ?? '';
  const standsFor = async () => (await newestModel('tiny'))?.manifestDigest;

  it('knows what a name means even after the clock was set back', async () => {
    const [first, second] = twins();
    await run(first.dirs, { now: () => new Date('2031-01-01T00:00:00Z') });
    await run(second.dirs);
    expect(await standsFor()).toBe(digestOf(second));
    const { findings } = await run(first.dirs, { allowOlder: true });
    expect(findings.map((one) => one.id)).toContain('import.replaced');
    expect(await standsFor()).toBe(digestOf(first));
  });

  it('knows what a name means even after its folder was removed meanwhile', async () => {
    const [first, second] = twins();
    for (const bundle of [first, second]) await run(bundle.dirs);
    rmSync(join(store, 'models/tiny'), { recursive: true });
    await run(first.dirs, { allowOlder: true });
    expect(await standsFor()).toBe(digestOf(first));
  });

  it('never serves content under another digest when it ends before the record is written', async () => {
    const [first, second] = twins();
    await run(first.dirs);
    const record = storePaths(store).record(second.id);
    mkdirSync(record, { recursive: true });
    await expect(run(second.dirs)).rejects.toMatchObject({ code: 'file.denied' });
    expect(await standsFor()).toBeUndefined();
    rmSync(record, { recursive: true });
    await run(second.dirs);
    expect(await standsFor()).toBe(digestOf(second));
    expect(hashOf(join(store, 'models/tiny/model.gguf'))).toBe(sha256(ggufBytes(5000, 'b')));
    expect(readdirSync(join(store, 'models'))).toEqual(['tiny']);
  });

  it('keeps what an earlier import knew of images that this one leaves out', async () => {
    const image = { kind: 'image' as const, name: 'registry.example/app:1', files: { layer: someBytes(700, 'l') } };
    const bundle = write({ contents: [...contents, image] });
    await run(bundle.dirs, { engine: 'none' });
    const path = storePaths(store).record(bundle.id);
    const record = JSON.parse(readFileSync(path, 'utf8'));
    const images = [{ reference: image.name, digest: record.leftOut[0].digest, imageId: 'sha256:1', path: 'registry' }];
    writeFileSync(path, JSON.stringify({ ...record, images, leftOut: [] }));
    await run(bundle.dirs, { engine: 'none' });
    expect((await readImports(store))[0]).toMatchObject({ images, leftOut: [] });
  });

  it('changes no model under a site that serves it', async () => {
    const sites = join(folder, 'home', 'sites');
    const first = write({ media: 1 }, 'first');
    const changed: FakeOptions['contents'] = [
      { kind: 'model', name: 'tiny', files: { 'model.gguf': ggufBytes(5000, 'other weights') } },
    ];
    const second = write({ media: 1, contents: changed }, 'second');
    await run(first.dirs, { sites });
    const external = readFileSync(join('resources', 'examples', 'site.yaml'), 'utf8');
    const siteFile = external
      .replace('engine: external', 'engine: llamacpp')
      .replace('name: mistral-small\n', 'name: tiny\n')
      .replace(/^ *endpoint:.*$/m, '');
    mkdirSync(join(sites, 'plant'), { recursive: true });
    writeFileSync(join(sites, 'plant', 'site.yaml'), siteFile);
    expect(await errorOf(run(second.dirs, { sites }))).toMatchObject({
      code: 'import.model-in-use',
      exitCode: 3,
      wire: { details: { name: 'tiny', sites: ['plant'], oldDigest: first.head.contents[0]?.manifest.digest } },
    });
    expect(hashOf(join(store, 'models/tiny/model.gguf'))).toBe(sha256(weights));
    symlinkSync(store, join(folder, 'alias'));
    const ports = { paths: homePaths(join(folder, 'home')), now: () => new Date() };
    const handlers = importsHandlers(ports as CorePorts);
    const asked = { dirs: second.dirs, store: join(folder, 'alias') };
    const plan = await handlers.plan(asked, { signal: new AbortController().signal, mayWrite: true, owner: '' });
    expect(plan.findings.map((one) => one.id)).toContain('import.model-in-use');
    writeFileSync(join(sites, 'plant', 'site.yaml'), external);
    expect((await run(second.dirs, { sites })).findings[0]?.id).toBe('import.replaced');
  });
});

function canMount(): boolean {
  const probe = execFileSync('mktemp', ['-d']).toString().trim();
  const isMounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', probe]).status === 0;
  if (isMounted) spawnSync('umount', [probe]);
  rmSync(probe, { recursive: true, force: true });
  return isMounted;
}
