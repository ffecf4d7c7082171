import { once } from 'node:events';
import { mkdirSync, readFileSync, statSync, watch } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { blockBytes } from '../../../src/main/core/bundle/format/format.ts';
import { readLedger } from '../../../src/main/core/import/weights/ledger.ts';
import { fingerprintToWords } from '../../../src/main/core/signing/fingerprint.ts';
import { trustKey } from '../../../src/main/core/signing/trust.ts';
import { storePaths } from '../../../src/main/core/store/store-paths.ts';
import { runSealift, startSealift } from '../../run-sealift.ts';
import { ggufBytes, sha256, writeMedia } from '../../scenes/write-media.ts';

const weights = ggufBytes(13 * blockBytes + 4711, 'kill');
const hex = sha256(weights);
let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sealift-kill-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

it('resumes at the next block after each of ten kills, and ends with what was packed', {
  timeout: 180_000,
}, async () => {
  const home = join(folder, 'home');
  const bundle = writeMedia(folder, {
    media: 2,
    partBytes: 4 * blockBytes,
    contents: [{ kind: 'model', name: 'big', files: { 'model.gguf': weights } }],
  });
  const fingerprint = fingerprintToWords(bundle.signer.keyId);
  await trustKey(join(home, 'trust.json'), { fingerprint }, { now: new Date() });
  const paths = storePaths(join(home, 'store'));
  mkdirSync(paths.ledgers, { recursive: true });
  const args = ['--home', home, 'import', ...bundle.dirs, '--json'];
  const committed: number[] = [];
  for (let kill = 1; kill <= 10; kill += 1) {
    await killAtNextBlock(args, paths.ledgers);
    const blocks = await readLedger(paths.ledger(hex));
    committed.push(blocks.length);
    // What the ledger says is on disk must be there, byte for byte.
    const part = statSync(paths.blobPart(hex)).size > 0 ? readFileSync(paths.blobPart(hex)) : Buffer.alloc(0);
    for (const block of blocks) {
      const bytes = part.subarray(block.offsetBytes, block.offsetBytes + block.lengthBytes);
      expect(sha256(bytes)).toBe(block.sha256);
    }
  }
  expect(committed).toEqual(committed.toSorted((a, b) => a - b));
  const last = await runSealift(...args);
  expect(last).toMatchObject({ exitCode: 0, json: { ok: true } });
  const data = last.json.data as { bytesRead: number; resumedBytes: number; skippedBytes: number };
  const resumed = (committed.at(-1) ?? 0) * blockBytes;
  // Nothing that was committed came from the media again.
  expect(data.resumedBytes).toBe(resumed);
  expect(data.bytesRead).toBeLessThanOrEqual(weights.length - resumed + 10_000);
  expect(sha256(readFileSync(join(paths.models, 'big/model.gguf')))).toBe(hex);
  process.stdout.write(
    `10 kills: blocks committed after each: ${committed.join(', ')}; the last run resumed ${data.resumedBytes} bytes ` +
      `and read ${data.bytesRead}; committed bytes read again from the media: ` +
      `${Math.max(0, data.bytesRead + data.resumedBytes + data.skippedBytes - totalBytes(bundle.head.contents))}\n`,
  );
});

/** Starts an import and kills it with SIGKILL as soon as the ledger got a block more (or, when it has none left, at once). */
async function killAtNextBlock(args: string[], ledgers: string): Promise<void> {
  const watcher = watch(ledgers);
  const { child, ended } = startSealift(args);
  let changes = 0;
  // The first change opens the ledger, the second is a block.
  while (changes < 2 && child.exitCode === null) {
    await Promise.race([once(watcher, 'change'), ended]);
    changes += 1;
  }
  child.kill('SIGKILL');
  watcher.close();
  const { exitCode } = await ended;
  expect(exitCode, 'the import ended before it could be killed').toBeNull();
}

function totalBytes(contents: { manifest: { sizeBytes: number }; blobs: { sizeBytes: number }[] }[]): number {
  return contents.flatMap((one) => [one.manifest, ...one.blobs]).reduce((sum, one) => sum + one.sizeBytes, 0);
}
