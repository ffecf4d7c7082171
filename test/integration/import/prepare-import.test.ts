import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openMedia } from '../../../src/main/core/bundle/read/open-media.ts';
import { verifyBundle } from '../../../src/main/core/bundle/read/verify.ts';
import { importBundle } from '../../../src/main/core/import/import-bundle.ts';
import { previewImport } from '../../../src/main/core/import/preview-import.ts';
import { fingerprintToWords } from '../../../src/main/core/signing/fingerprint.ts';
import { trustKey } from '../../../src/main/core/signing/trust.ts';
import { importRecord } from '../../../src/main/core/store/import-record.ts';
import { quietWork } from '../../../src/main/core/work.ts';
import { builtWorkers } from '../../run-sealift.ts';
import { type FakeBundle, ggufBytes, newSigner, someBytes, writeMedia } from '../../scenes/write-media.ts';

const signer = newSigner();
let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sealift-prepare-'));
  const fingerprint = fingerprintToWords(signer.keyId);
  await trustKey(join(folder, 'trust.json'), { fingerprint }, { now: new Date() });
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rm(folder, { recursive: true, force: true });
});

/** A bundle with a model of its own, a file set that all bundles have, and a model whose content differs in each. */
function write(name: string): FakeBundle {
  const notes = Buffer.from('the same in each');
  return writeMedia(join(folder, name), {
    signer,
    contents: [
      { kind: 'model', name, files: { 'model.gguf': ggufBytes(70_000, name) } },
      { kind: 'model', name: 'tiny', files: { 'model.gguf': ggufBytes(50_000, `tiny of ${name}`) } },
      { kind: 'files', name: 'notes', files: { 'a.txt': notes } },
      { kind: 'image', name: 'host/app:1', files: { layer: someBytes(5000, 'layer') } },
    ],
  });
}

const request = ({ dirs }: FakeBundle) => ({
  dirs,
  store: join(folder, 'store'),
  trustFile: join(folder, 'trust.json'),
  engine: 'none',
});
const preview = (bundle: FakeBundle) => previewImport(request(bundle), new AbortController().signal);
const run = (bundle: FakeBundle) =>
  importBundle({ ...request(bundle), workers: builtWorkers, now: () => new Date() }, quietWork());

describe('the preview and the run of an import', () => {
  it('agree on what is read, replaced and left out', async () => {
    await run(write('first'));
    const second = write('second');
    const shown = await preview(second);
    const done = await run(second);
    expect(shown.readBytes).toBe(done.bytesRead);
    const toRead = shown.contents.filter((one) => one.kind !== 'image');
    expect(toRead.reduce((sum, one) => sum + one.hereBytes, 0)).toBe(done.skippedBytes);
    expect(shown.findings.map((one) => one.id)).toEqual(['import.replaces', 'import.image-left-out']);
    expect(done.findings.map((one) => one.id)).toEqual(['import.replaced', 'import.image-left-out']);
    const digests = (title = '') => title.match(/sha256:[0-9a-f]{64}/g);
    expect(digests(shown.findings[0]?.title)).toHaveLength(2);
    expect(digests(done.findings[0]?.title)).toEqual(digests(shown.findings[0]?.title));
    expect(await preview(second)).toMatchObject({ readBytes: 0, isComplete: true });
  });

  it('each read the records of the store once', async () => {
    await run(write('first'));
    await run(write('second'));
    const third = write('third');
    const parse = vi.spyOn(importRecord, 'parse');
    await preview(third);
    expect(parse).toHaveBeenCalledTimes(2);
    await run(third);
    expect(parse).toHaveBeenCalledTimes(4);
  });

  it('54a: ignore what an operating system leaves on a medium, as verifying does, and report it', async () => {
    const bundle = write('first');
    const junk = [
      'sealift/._media.json',
      'sealift/.DS_Store',
      'sealift/layout/Thumbs.db',
      'sealift/layout/blobs/._sha256',
    ];
    for (const name of junk) await writeFile(join(bundle.dirs[0] ?? '', name), 'left behind');
    const trustFile = join(folder, 'trust.json');
    const checked = await verifyBundle(await openMedia(bundle.dirs, trustFile), builtWorkers, quietWork());
    expect(checked.damage).toEqual([]);
    for (const { findings } of [checked, await preview(bundle), await run(bundle)])
      expect(findings.find((one) => one.id === 'bundle.extra-files')).toMatchObject({
        severity: 'amber',
        title: expect.stringContaining('4 files are not in the signed lists and will be ignored'),
      });
  });
});
