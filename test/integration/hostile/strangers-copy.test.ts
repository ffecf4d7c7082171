import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { importBundle } from '../../../src/main/core/import/import-bundle.ts';
import type { Signer } from '../../../src/main/core/signing/dsse.ts';
import { fingerprintToWords } from '../../../src/main/core/signing/fingerprint.ts';
import { trustKey } from '../../../src/main/core/signing/trust.ts';
import { quietWork } from '../../../src/main/core/work.ts';
import { builtWorkers } from '../../run-sealift.ts';
import { newSigner, someBytes, writeMedia } from '../../scenes/write-media.ts';

const [genuine, stranger] = [newSigner(), newSigner()];
const id = 'ab'.repeat(16);
let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sealift-stranger-'));
  const fingerprint = fingerprintToWords(genuine.keyId);
  await trustKey(join(folder, 'trust.json'), { fingerprint }, { now: new Date() });
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Two media with one model: the same bundle id, whoever wrote it. */
function write(name: string, signer: Signer): [string, string] {
  const model = someBytes(150_000, name);
  const contents = [{ kind: 'model' as const, name: 'tiny', files: { 'model.gguf': model } }];
  const { dirs } = writeMedia(join(folder, name), { id, signer, contents, media: 2, partBytes: 65_536 });
  return [dirs[0] ?? '', dirs[1] ?? ''];
}

function run(dirs: string[], overrideReason?: string) {
  const trust = { trustFile: join(folder, 'trust.json'), overrideReason };
  const input = { dirs, store: join(folder, 'store'), engine: 'none', workers: builtWorkers, now: () => new Date() };
  return importBundle({ ...input, ...trust }, quietWork());
}

const inStore = () => readFile(join(folder, 'store/models/tiny/model.gguf'));

describe("a stranger's copy of a bundle, imported with an override", () => {
  it.each([
    ['its first medium', [0]],
    ['its last medium, with a list of the whole', [1]],
    ['all of it', [0, 1]],
  ])('does not stand in the way of the genuine media: %s', async (_what, seen) => {
    const copy = write('copy', stranger);
    await run(
      seen.map((index) => copy[index] ?? ''),
      'to see what it is',
    );
    const [first, last] = write('genuine', genuine);
    const half = await run([first]);
    expect(half).toMatchObject({ isComplete: false, signature: { trusted: true } });
    expect(await run([last])).toMatchObject({ isComplete: true, signature: { trusted: true } });
    expect(await inStore()).toEqual(someBytes(150_000, 'genuine'));
  });

  it('never completes a bundle whose other media were trusted', async () => {
    const [first] = write('genuine', genuine);
    await run([first]);
    const [, last] = write('copy', stranger);
    await expect(run([last], 'the other one got lost')).rejects.toMatchObject({ code: 'bundle.swapped-medium' });
    await expect(inStore()).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('is refused again without an override, also after it was imported with one', async () => {
    const copy = write('copy', stranger);
    await run(copy, 'to see what it is');
    await expect(run(copy)).rejects.toMatchObject({ code: 'bundle.untrusted' });
  });
});
