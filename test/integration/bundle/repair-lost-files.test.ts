import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { toPart } from '../../../src/main/core/bundle/format/blob-parts.ts';
import { blockBytes } from '../../../src/main/core/bundle/format/format.ts';
import { answerRepair, readRequest } from '../../../src/main/core/bundle/read/answer-repair.ts';
import { openMedia } from '../../../src/main/core/bundle/read/open-media.ts';
import { readBlocks } from '../../../src/main/core/bundle/read/read-blocks.ts';
import { requestRepair } from '../../../src/main/core/bundle/read/request-repair.ts';
import { verifyBundle } from '../../../src/main/core/bundle/read/verify.ts';
import { fingerprintToWords } from '../../../src/main/core/signing/fingerprint.ts';
import { trustKey } from '../../../src/main/core/signing/trust.ts';
import { quietWork } from '../../../src/main/core/work.ts';
import { builtWorkers } from '../../run-sealift.ts';
import { type FakeOptions, sha256, someBytes, writeMedia } from '../../scenes/write-media.ts';

/** A file of three blocks. */
const weights = someBytes(2 * blockBytes + 1000, 'weights');
const blobPath = `sealift/layout/blobs/sha256/${sha256(weights)}`;
let folder = '';
let root = '';
let overlay = '';
let file = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sealift-lost-'));
  overlay = join(folder, 'overlay');
  mkdirSync(join(overlay, 'sealift-repair'), { recursive: true });
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const trustFile = () => join(folder, 'home/trust.json');
async function write(lies: FakeOptions['lies'] = {}): Promise<void> {
  const bundle = writeMedia(folder, {
    lies,
    contents: [{ kind: 'model', name: 'tiny', files: { 'a.gguf': weights } }],
  });
  root = bundle.dirs[0] ?? '';
  file = join(root, blobPath);
  await trustKey(trustFile(), { fingerprint: fingerprintToWords(bundle.signer.keyId) }, { now: new Date() });
}
const open = (...dirs: string[]) => openMedia(dirs, trustFile());
const request = () => join(folder, 'request.json');
const ask = async (dirs: string[], work = quietWork()) => {
  await rm(request(), { force: true });
  await requestRepair(await open(...dirs), request(), { workers: builtWorkers, now: new Date() }, work);
  return (await readRequest(request())).blocks;
};
/** The blocks of the file that a request asks for. */
const asked = async (...dirs: string[]) =>
  (await ask(dirs)).filter((one) => one.path === blobPath).map(({ block, sizeBytes }) => [block, sizeBytes]);
const damageOf = async (...dirs: string[]) =>
  (await verifyBundle(await open(...dirs), builtWorkers, quietWork())).damage;
const errorOf = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error) => error,
  );
const cover = (block: number) => {
  const data = weights.subarray(block * blockBytes, (block + 1) * blockBytes);
  writeFileSync(join(overlay, 'sealift-repair', sha256(data)), data);
};
const allBlocks = [
  [0, blockBytes],
  [1, blockBytes],
  [2, 1000],
];

/** The path of a folder so deep that its short paths can be opened, but not those of its blobs. */
function deepFolder(): string {
  const length = 4040;
  let deep = join(folder, 'deep');
  while (length - deep.length > 201) deep += `/${'d'.repeat(200)}`;
  return `${deep}/${'d'.repeat(length - deep.length - 1)}`;
}

describe('a request for what is lost', () => {
  it('asks for every block of a file that cannot be opened', async () => {
    await write();
    const deep = deepFolder();
    mkdirSync(dirname(deep), { recursive: true });
    renameSync(root, deep);
    try {
      expect((await damageOf(deep)).filter((one) => one.path === blobPath)).toMatchObject([
        { kind: 'unreadable', block: 0, lengthBytes: weights.length },
      ]);
      expect(await asked(deep)).toEqual(allBlocks);
    } finally {
      renameSync(deep, root);
    }
  });

  it('says that the medium is gone when it is pulled meanwhile, and writes nothing', async () => {
    await write();
    const work = { ...quietWork(), step: () => renameSync(root, join(folder, 'pulled')) };
    expect(await errorOf(ask([root], work))).toMatchObject({ code: 'medium.gone' });
    expect(existsSync(request())).toBe(false);
  });

  it.each([
    ['blocks', 200_001, 'sealift/layout/z'],
    ['bytes', 199_000, `sealift/layout/${'z'.repeat(240)}`],
  ])('refuses more %s than a request may have', async (_what, count, path) => {
    const blocks = Array.from({ length: count }, (_, index) => index.toString(16).padStart(64, '0'));
    const lost = { path, sizeBytes: count * blockBytes, sha256: sha256(''), blocks };
    await write({ medium: (payload) => ({ ...payload, files: [...payload.files, lost] }) });
    expect(await errorOf(ask([root]))).toMatchObject({ code: 'repair.too-much' });
    expect(existsSync(request())).toBe(false);
  });

  it('warns of the first damage only', async () => {
    const lost = Array.from({ length: 60 }, (_, index) => {
      const block = createHash('sha256').update(`${index}`).digest('hex');
      return { path: `sealift/layout/z${100 + index}`, sizeBytes: 1, sha256: block, blocks: [block] };
    });
    await write({ medium: (payload) => ({ ...payload, files: [...payload.files, ...lost] }) });
    const warned: string[] = [];
    expect(await ask([root], { ...quietWork(), warn: (line) => void warned.push(line) })).toHaveLength(60);
    expect(warned).toHaveLength(50);
  });
});

describe('an overlay', () => {
  const blocksOf = async (harm: () => void) => {
    const opened = await open(root, overlay);
    const medium = opened.media[0];
    const listed = medium?.payload.files.find((one) => one.path === blobPath);
    if (!medium || !listed) throw new Error('the medium has another list');
    harm();
    const indexes: number[] = [];
    const { signal } = new AbortController();
    for await (const { index } of readBlocks(toPart(medium, listed), { signal })) indexes.push(index);
    return indexes;
  };

  it('hides no bytes after the end of a file', async () => {
    await write();
    for (const block of [0, 1, 2]) cover(block);
    appendFileSync(file, 'more');
    const tooLong = { kind: 'too-long', offsetBytes: weights.length, lengthBytes: 4, foundBytes: weights.length + 4 };
    expect(await damageOf(root, overlay)).toMatchObject([tooLong]);
    expect(await errorOf(blocksOf(() => undefined))).toMatchObject({ code: 'bundle.truncated' });
  });

  it.each([
    ['missing-file', () => undefined, 'bundle.missing-file'],
    ['not-a-file', () => symlinkSync('/etc/hosts', file), 'bundle.link'],
    ['not-a-file', () => mkdirSync(file), 'bundle.link'],
  ])('of other blocks leaves a %s what it is', async (kind, put, code) => {
    await write();
    const harm = () => {
      rmSync(file);
      put();
    };
    expect(await errorOf(blocksOf(harm))).toMatchObject({ code });
    const whole = { path: blobPath, kind, block: 0, offsetBytes: 0, lengthBytes: weights.length };
    expect(await damageOf(root, overlay)).toMatchObject([whole]);
    expect(await asked(root, overlay)).toEqual(allBlocks);
    cover(1);
    const [first, last] = [
      { block: 0, offsetBytes: 0, lengthBytes: blockBytes },
      { block: 2, offsetBytes: 2 * blockBytes, lengthBytes: 1000 },
    ];
    expect(await damageOf(root, overlay)).toMatchObject([
      { kind, ...first },
      { kind, ...last },
    ]);
    expect(await asked(root, overlay)).toEqual([allBlocks[0], allBlocks[2]]);
    for (const block of [0, 2]) cover(block);
    expect(await damageOf(root, overlay)).toEqual([]);
    expect(await blocksOf(() => undefined)).toEqual([0, 1, 2]);
  });

  it('leaves a file that is cut short what it is, down to its signed end', async () => {
    await write();
    truncateSync(file, blockBytes + 5);
    const { length } = weights;
    const cut = { kind: 'truncated', block: 1, offsetBytes: blockBytes, lengthBytes: length - blockBytes };
    expect(await damageOf(root, overlay)).toMatchObject([{ ...cut, foundBytes: blockBytes + 5 }]);
    cover(1);
    const rest = { kind: 'truncated', block: 2, offsetBytes: 2 * blockBytes, lengthBytes: 1000 };
    expect(await damageOf(root, overlay)).toMatchObject([rest]);
    cover(2);
    const verified = await verifyBundle(await open(root, overlay), builtWorkers, quietWork());
    const listed = verified.media.reduce((sum, one) => sum + one.sizeBytes, 0);
    expect(verified).toMatchObject({ damage: [], bytesChecked: listed });
    expect(await blocksOf(() => undefined)).toEqual([0, 1, 2]);
  });

  it('does not hide that the medium was pulled', async () => {
    await write();
    cover(0);
    const pull = () => renameSync(root, join(folder, 'pulled'));
    expect(await errorOf(blocksOf(pull))).toMatchObject({ code: 'medium.gone' });
  });
});

it('asks for 3 of 10,000 blocks, brings only them, and the bundle is whole again', async () => {
  const [count, partBytes] = [10, 1024];
  const files = Object.fromEntries(
    Array.from({ length: count }, (_, at) => [`${at}.bin`, randomBytes(1000 * partBytes)]),
  );
  const bundle = writeMedia(folder, { contents: [{ kind: 'files', name: 'many', files }], partBytes });
  root = bundle.dirs[0] ?? '';
  await trustKey(trustFile(), { fingerprint: fingerprintToWords(bundle.signer.keyId) }, { now: new Date() });
  const blobs = 'sealift/layout/blobs/sha256';
  const parts = Object.values(files).map((bytes) => `${blobs}/${sha256(bytes)}`);
  const damaged = [`${parts[0]}.000`, `${parts[4]}.567`, `${parts[9]}.999`];
  const [spoilt = '', cut = '', lost = ''] = damaged.map((path) => join(root, path));
  const copy = join(folder, 'copy');
  // Of links, so that what is damaged is replaced and not written into.
  execFileSync('cp', ['-al', root, copy]);
  for (const path of [spoilt, cut, lost]) rmSync(path);
  writeFileSync(spoilt, randomBytes(partBytes));
  writeFileSync(cut, 'short');
  const wanted = await ask([root]);
  expect(wanted.map(({ path }) => path).sort()).toEqual([...damaged].sort());
  const answer = await answerRepair(await readRequest(request()), await open(copy), overlay, quietWork());
  // A block has 16 MiB at most: three of them are under 64 MiB for any bundle.
  expect(answer).toMatchObject({ blocks: 3, bytes: 3 * partBytes, missingCount: 0 });
  expect(3 * blockBytes).toBeLessThan(64 * 1024 * 1024);
  expect(await damageOf(root, overlay)).toEqual([]);
});
