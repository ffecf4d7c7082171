import { existsSync, statSync } from 'node:fs';
import { mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { blockBytes } from '../../../src/main/core/bundle/format/format.ts';
import { importBundle } from '../../../src/main/core/import/import-bundle.ts';
import { previewImport } from '../../../src/main/core/import/preview-import.ts';
import { fingerprintToWords } from '../../../src/main/core/signing/fingerprint.ts';
import { trustKey } from '../../../src/main/core/signing/trust.ts';
import { quietWork, type Work } from '../../../src/main/core/work.ts';
import { cellStates, importedParts, makeCells } from '../../../src/renderer/features/import/part-cells.ts';
import { importPlan } from '../../../src/shared/contract/import-plan.ts';
import type { JobProgress } from '../../../src/shared/jobs.ts';
import { builtWorkers } from '../../run-sealift.ts';
import { type FakeBundle, ggufBytes, newSigner, someBytes, writeMedia } from '../../scenes/write-media.ts';

const signer = newSigner();
const partBytes = blockBytes + 65_536;
let folder = '';
let bundle: FakeBundle;
const store = () => join(folder, 'home', 'store');
const trustFile = () => join(folder, 'home', 'trust.json');

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sealift-plan-'));
  const weights = ggufBytes(2 * partBytes + 1000, 'weights');
  bundle = writeMedia(folder, {
    contents: [
      { kind: 'model', name: 'tiny', files: { 'model.gguf': weights } },
      { kind: 'files', name: 'notes', files: { 'a.txt': Buffer.from('hello') } },
      { kind: 'image', name: 'host/app:1', files: { layer: someBytes(5000, 'layer') } },
    ],
    signer,
    media: 2,
    partBytes,
  });
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const trust = () => trustKey(trustFile(), { fingerprint: fingerprintToWords(signer.keyId) }, { now: new Date() });
const input = (dirs: string[]) => ({ dirs, store: store(), trustFile: trustFile(), engine: 'none' });
async function plan(dirs = bundle.dirs, overrideReason?: string) {
  const shown = await previewImport({ ...input(dirs), overrideReason }, new AbortController().signal);
  expect(importPlan.parse(JSON.parse(JSON.stringify(shown)))).toEqual(shown);
  return shown;
}
const run = (dirs: string[], work: Work = quietWork()) =>
  importBundle({ ...input(dirs), workers: builtWorkers, now: () => new Date() }, work);

describe('the plan of an import', () => {
  it('is refused for an untrusted bundle with what the dialogue needs, and shown with a reason', async () => {
    await expect(plan()).rejects.toMatchObject({
      code: 'bundle.untrusted',
      wire: { details: { keyId: signer.keyId, words: fingerprintToWords(signer.keyId) } },
    });
    expect((await plan(bundle.dirs, 'a test')).signature).toMatchObject({ trusted: false, overrideReason: 'a test' });
  });

  it('lists what comes from where and what it needs, and writes nothing', async () => {
    await trust();
    const shown = await plan();
    expect(existsSync(store())).toBe(false);
    const contents = new Map(bundle.head.contents.map((one) => [one.name, one]));
    expect(
      shown.contents.map(({ name, hereBytes, ordinals, leftOut }) => [
        name,
        hereBytes,
        ordinals,
        leftOut !== undefined,
      ]),
    ).toEqual([
      ['tiny', 0, [1, 2], false],
      ['notes', 0, [2], false],
      ['host/app:1', 0, [2], true],
    ]);
    expect(shown.contents[0]?.target).toBe(join(store(), 'models', 'tiny'));
    const wanted = ['tiny', 'notes'].reduce((sum, name) => sum + (contents.get(name)?.totalBytes ?? 0), 0);
    expect(shown.readBytes).toBe(wanted);
    expect(shown.filesystems).toEqual([
      { uses: ['store'], path: store(), neededBytes: expect.any(Number), freeBytes: expect.any(Number) },
    ]);
    expect(shown.filesystems[0]?.neededBytes).toBeGreaterThanOrEqual(wanted);
    expect(shown.media.map(({ ordinal, isNeeded, path }) => [ordinal, isNeeded, path])).toEqual([
      [1, false, bundle.dirs[0]],
      [2, false, bundle.dirs[1]],
    ]);
    expect(shown.isComplete).toBe(false);
    expect(shown.findings.map((one) => one.id)).toEqual(['import.image-left-out']);
  });

  it('lists the files in the order in which they are read', async () => {
    await trust();
    const { parts, partCount } = await plan();
    expect(parts.length).toBe(partCount);
    let verified = 0;
    for (const part of parts) {
      expect(part.verifyFromBytes).toBe(verified);
      verified += statSync(join(bundle.dirs[part.ordinal - 1] ?? '', part.path)).size;
    }
    const seen: { done: number; item: string }[] = [];
    const progress = ({ done, item }: JobProgress) => {
      if (item?.includes('blobs')) seen.push({ done, item });
    };
    await run(bundle.dirs, { ...quietWork(), progress });
    expect(seen.length).toBeGreaterThan(3);
    for (const { done, item } of seen) {
      const part = parts.find((one) => one.path === item);
      expect(done).toBeGreaterThan(part?.copyFromBytes ?? Number.POSITIVE_INFINITY);
      expect(done).toBeLessThanOrEqual((part?.copyFromBytes ?? 0) + (part?.sizeBytes ?? 0));
    }
  });

  it('knows what an import with one medium left behind, and that nothing is left after the whole', async () => {
    await trust();
    const [first = '', second = ''] = bundle.dirs;
    await run([first]).catch(() => undefined);
    await rename(first, `${first}-away`);
    const rest = await plan([second]);
    expect(rest.media[0]).toMatchObject({ ordinal: 1, isNeeded: false });
    const tiny = rest.contents.find((one) => one.name === 'tiny');
    expect(tiny?.hereBytes).toBeGreaterThanOrEqual(partBytes);
    expect(rest.readBytes).toBe(
      rest.contents.filter((one) => one.kind !== 'image').reduce((sum, one) => sum + one.totalBytes - one.hereBytes, 0),
    );
    expect(rest.parts.filter((one) => one.ordinal === 1 && one.content === 'tiny').every((one) => one.isHere)).toBe(
      true,
    );
    await run([second]);
    const after = await plan([second]);
    expect(after).toMatchObject({ isComplete: true, readBytes: 0 });
    expect(after.contents.filter((one) => one.kind !== 'image').every((one) => one.hereBytes === one.totalBytes)).toBe(
      true,
    );
    expect(after.filesystems.map((one) => one.neededBytes)).toEqual([0]);
    const cells = makeCells(importedParts(after));
    expect(cells.length).toBeGreaterThan(0);
    expect(new Set(cellStates(cells, { contents: after.contents, job: undefined, bad: [] }))).toEqual(
      new Set(['done']),
    );
  });

  it('asks for the medium that is missing', async () => {
    await trust();
    const [first = '', second = ''] = bundle.dirs;
    const withoutHead = await plan([first]);
    expect(withoutHead.isHeadSeen).toBe(false);
    const withoutFirst = await plan([second]);
    expect(withoutFirst.media.map((one) => [one.ordinal, one.path, one.isNeeded])).toEqual([
      [1, undefined, true],
      [2, second, false],
    ]);
  });
});
