import {
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { blockBytes } from '../../../src/main/core/bundle/format/format.ts';
import { openMedia } from '../../../src/main/core/bundle/read/open-media.ts';
import { planVerify, verifyBundle } from '../../../src/main/core/bundle/read/verify.ts';
import { verifyFiles } from '../../../src/main/core/bundle/read/verify-files.ts';
import { fingerprintToWords } from '../../../src/main/core/signing/fingerprint.ts';
import { trustKey } from '../../../src/main/core/signing/trust.ts';
import { quietWork } from '../../../src/main/core/work.ts';
import type { Damage } from '../../../src/shared/contract/bundle-read.ts';
import { runHere } from '../../run-here.ts';
import { builtWorkers } from '../../run-sealift.ts';
import { type FakeBundle, sha256, someBytes, writeMedia } from '../../scenes/write-media.ts';

const partBytes = blockBytes + 65_536;
const weights = someBytes(2 * partBytes + 1000, 'weights');
const readme = Buffer.from('Read me, at least one byte of me.');
let folder = '';
let home = '';
let bundle: FakeBundle;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sealift-verify-'));
  home = join(folder, 'home');
  bundle = writeMedia(folder, {
    media: 2,
    partBytes,
    contents: [
      { kind: 'model', name: 'tiny', files: { 'model.gguf': weights, 'config.json': Buffer.from('{"a":1}') } },
      { kind: 'files', name: 'notes', files: { 'README.md': readme, empty: Buffer.alloc(0) } },
    ],
  });
  const fingerprint = fingerprintToWords(bundle.signer.keyId);
  await trustKey(join(home, 'trust.json'), { fingerprint }, { now: new Date() });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const open = (dirs = bundle.dirs) => openMedia(dirs, join(home, 'trust.json'));
const blobPath = (bytes: Buffer, suffix = '') => `sealift/layout/blobs/sha256/${sha256(bytes)}${suffix}`;

async function damageOf(dirs = bundle.dirs): Promise<Damage[]> {
  return (await verified(dirs)).damage;
}

async function verified(dirs: string[]) {
  return verifyBundle(await open(dirs), builtWorkers, quietWork());
}

/** Finds a file of the bundle by its path on a medium. */
function onMedium(path: string): { root: string; label: string; file: string } {
  const at = bundle.dirs.findIndex((root) => readable(join(root, path)));
  const root = bundle.dirs[at] ?? '';
  return { root, label: `TEST-${at + 1}`, file: join(root, path) };
}

function readable(path: string): boolean {
  try {
    closeSync(openSync(path, 'r'));
    return true;
  } catch {
    return false;
  }
}

function flipByte(file: string, at: number, change: number): void {
  const fd = openSync(file, 'r+');
  const byte = Buffer.alloc(1);
  readSync(fd, byte, 0, 1, at);
  byte[0] = (byte[0] ?? 0) ^ change;
  writeSync(fd, byte, 0, 1, at);
  closeSync(fd);
}

describe('verify', () => {
  it('finds nothing wrong with good media, and reads all of them once', async () => {
    const result = await verifyBundle(await open(), builtWorkers, quietWork());
    const listed = bundle.head.media.reduce((sum, medium) => sum + medium.sizeBytes, 0);
    expect(result).toMatchObject({
      damage: [],
      damageCount: 0,
      bytesChecked: listed,
      missingMedia: [],
      isHeadSeen: true,
    });
    expect(result.signature).toMatchObject({ keyId: bundle.signer.keyId, trusted: true });
    expect(planVerify(await open()).wholeBlobs).toEqual([sha256(weights)]);
  });

  it('reports exactly the block with the flipped byte', async () => {
    const paths = [
      ...['.000', '.001', '.002'].map((suffix) => blobPath(weights, suffix)),
      blobPath(readme),
      'sealift/layout/index.json',
      'sealift/layout/oci-layout',
    ];
    const targets = paths.map((path) => ({ path, sizeBytes: statSync(onMedium(path).file).size }));
    const plan = planVerify(await open());
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...targets),
        fc.nat(1_000_000),
        fc.integer({ min: 1, max: 255 }),
        async (target, share, change) => {
          const { file, label } = onMedium(target.path);
          const at = Math.floor((share / 1_000_001) * target.sizeBytes);
          flipByte(file, at, change);
          const found: Damage[] = [];
          await verifyFiles(plan, new AbortController().signal, (event) => {
            if (event.type === 'damage') found.push(event.damage);
          });
          flipByte(file, at, change);
          const block = Math.floor(at / blockBytes);
          const place = { medium: label, path: target.path, block, offsetBytes: block * blockBytes, kind: 'block' };
          expect(found).toMatchObject([place]);
        },
      ),
      { numRuns: 30 },
    );
    expect(await damageOf()).toEqual([]);
  });

  it('rejects a medium with a flipped byte in an envelope, unless the content is unchanged', async () => {
    const envelopes = bundle.dirs.flatMap((root) =>
      ['media.json', 'bundle.json'].map((name) => join(root, 'sealift', name)),
    );
    const before = await open();
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...envelopes.filter(readable)),
        fc.nat(1_000_000),
        fc.integer({ min: 1, max: 255 }),
        async (file, share, change) => {
          const at = Math.floor((share / 1_000_001) * readFileSync(file).length);
          flipByte(file, at, change);
          const opened = await open().catch((error) => error);
          flipByte(file, at, change);
          if (opened instanceof Error) expect(opened).toMatchObject({ exitCode: 3 });
          else expect(opened.head?.payload).toEqual(before.head?.payload);
        },
      ),
      { numRuns: 200 },
    );
  });

  it.each([
    [
      'a file cut short',
      'truncated',
      (file: string) => truncateSync(file, blockBytes + 5),
      { block: 1, offsetBytes: blockBytes },
    ],
    [
      'a file with more at its end',
      'too-long',
      (file: string) => truncateSync(file, partBytes + 7),
      { offsetBytes: partBytes, lengthBytes: 7 },
    ],
    ['a file that is gone', 'missing-file', (file: string) => rmSync(file), { lengthBytes: partBytes }],
    ['a link instead of a file', 'not-a-file', (file: string) => toLink(file), {}],
    ['a folder instead of a file', 'not-a-file', (file: string) => toFolder(file), {}],
  ])('reports %s', async (_what, kind, harm, place) => {
    const { file, label } = onMedium(blobPath(weights, '.001'));
    const good = readFileSync(file);
    harm(file);
    const found = await damageOf();
    rmSync(file, { recursive: true, force: true });
    writeFileSync(file, good);
    expect(found).toMatchObject([{ medium: label, path: blobPath(weights, '.001'), kind, ...place }]);
    expect(found).toHaveLength(1);
  });

  it('continues after the first damage, and ignores extra files and links with a finding', async () => {
    const { root, label } = onMedium('sealift/bundle.json');
    const files = [blobPath(readme), 'sealift/layout/oci-layout'].map((path) => join(root, path)).filter(readable);
    for (const file of files) flipByte(file, 0, 1);
    writeFileSync(join(root, 'sealift/extra.bin'), 'abc');
    mkdirSync(join(root, 'sealift/more'));
    symlinkSync('/etc/passwd', join(root, 'sealift/layout/link'));
    const { damage: found, findings } = await verified([root]);
    for (const file of files) flipByte(file, 0, 1);
    for (const name of ['extra.bin', 'more', 'layout/link']) rmSync(join(root, 'sealift', name), { recursive: true });
    const kinds = found.map(({ medium, path, kind }) => [medium, path, kind]);
    expect(kinds).toEqual(
      expect.arrayContaining([
        ['TEST-1', 'sealift/media.json', 'missing-medium'],
        ...files.map((file) => [label, file.slice(root.length + 1), 'block']),
      ]),
    );
    expect(files.length).toBeGreaterThan(0);
    expect(found).toHaveLength(1 + files.length);
    expect(findings).toMatchObject([{ id: 'bundle.extra-files', severity: 'amber' }]);
    for (const path of ['sealift/extra.bin', 'sealift/more', 'sealift/layout/link']) {
      expect(findings[0]?.title).toContain(`${label}: ${path}`);
    }
  });

  it('verifies the digest of a blob across its parts without reading them twice', async () => {
    const lie = Buffer.from(weights);
    lie[3] = (lie[3] ?? 0) ^ 1;
    const plan = planVerify(await open());
    const [first] = plan.files.filter((file) => file.path.endsWith('.000'));
    const fake = await mkdtemp(join(folder, 'fake-'));
    // Blocks and whole of the part are "signed" as they are, but they are not the blob's.
    const part = lie.subarray(0, partBytes);
    const blocks = [sha256(part.subarray(0, blockBytes)), sha256(part.subarray(blockBytes))];
    mkdirSync(join(fake, 'sealift/layout/blobs/sha256'), { recursive: true });
    writeFileSync(join(fake, blobPath(weights, '.000')), part);
    const files = plan.files.map((file) =>
      file === first ? { ...file, root: fake, sha256: sha256(part), blocks } : file,
    );
    const found: Damage[] = [];
    let bytes = 0;
    await verifyFiles({ ...plan, files }, new AbortController().signal, (event) => {
      if (event.type === 'damage') found.push(event.damage);
      if (event.type === 'bytes') bytes += event.bytes;
    });
    expect(found).toMatchObject([{ kind: 'digest', lengthBytes: weights.length }]);
    expect(bytes).toBe(files.reduce((sum, file) => sum + file.sizeBytes, 0));
  });

  it('reports an unreadable block, and continues', async () => {
    // Reading address 0 of the own memory gives an input/output error, as a bad sector does.
    const mem = {
      path: 'mem',
      sizeBytes: 5,
      sha256: sha256(''),
      blocks: [sha256('')],
      medium: 'M',
      root: '/proc/self',
    };
    const found: Damage[] = [];
    await verifyFiles({ files: [mem], wholeBlobs: [] }, new AbortController().signal, (event) => {
      if (event.type === 'damage') found.push(event.damage);
    });
    expect(found).toMatchObject([{ kind: 'unreadable', block: 0 }]);
  });

  it('stops immediately when cancelled', async () => {
    const abort = new AbortController();
    const work = { ...quietWork(abort.signal), progress: () => abort.abort(new Error('enough')) };
    await expect(verifyBundle(await open(), builtWorkers, work)).rejects.toThrow('enough');
  });
});

describe('sealift bundle', () => {
  it('verify exits with 0 for good and 1 for damaged media', async () => {
    const good = await runHere('--home', home, 'bundle', 'verify', folder, '--json');
    expect(good).toMatchObject({ exitCode: 0, json: { ok: true, data: { damage: [] } } });
    const { file } = onMedium(blobPath(readme));
    flipByte(file, 1, 1);
    const bad = await runHere('--home', home, 'bundle', 'verify', folder);
    flipByte(file, 1, 1);
    expect(bad.exitCode).toBe(1);
    expect(bad.stdout).toContain('damaged block');
  });

  it('verify reports what the damaged file belongs to, its size, and what to copy again', async () => {
    const { file, label } = onMedium(blobPath(weights, '.001'));
    const good = readFileSync(file);
    truncateSync(file, blockBytes + 5);
    const run = await runHere('--home', home, 'bundle', 'verify', folder);
    writeFileSync(file, good);
    expect(run.stdout).toContain(
      `${label}: ${blobPath(weights, '.001')} (model tiny): is too short: it has ${blockBytes + 5} bytes of ${partBytes}, in the file model.gguf`,
    );
    expect(run.stdout).toContain(
      `- Copy this file to ${label} again, from the machine that packed it or from another copy: ${blobPath(weights, '.001')}`,
    );
  });

  it('inspect shows the contents and the signer, and finds wrong sizes without reading blobs', async () => {
    const good = await runHere('--home', home, 'bundle', 'inspect', ...bundle.dirs, '--json');
    const contents = [
      { kind: 'model', name: 'tiny', isComplete: true },
      { kind: 'files', name: 'notes', isComplete: true },
    ];
    expect(good).toMatchObject({
      exitCode: 0,
      json: { data: { id: bundle.id, contents, damage: [], missingMedia: [] } },
    });
    const alone = await runHere('--home', home, 'bundle', 'inspect', bundle.dirs[0] ?? '', '--json');
    expect(alone.json.data).toMatchObject({ isHeadSeen: false });
  });
});

function toLink(file: string): void {
  renameSync(file, `${folder}/moved`);
  symlinkSync(`${folder}/moved`, file);
}

function toFolder(file: string): void {
  rmSync(file);
  mkdirSync(file);
}
