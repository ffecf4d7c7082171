import { readFileSync, statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { fingerprintToWords } from '../../src/main/core/bundle/fingerprint.ts';
import { trustKey } from '../../src/main/core/bundle/trust.ts';
import { importBundle } from '../../src/main/core/import/import-bundle.ts';
import { quietWork } from '../../src/main/core/jobs/work.ts';
import { type FakeBundle, newSigner, someBytes, writeMedia } from '../fakes/write-media.ts';
import { builtWorkers } from '../run-sealift.ts';

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
  const files = { 'model.gguf': someBytes(70_000, seed) };
  return writeMedia(join(folder, name), { signer, contents: [{ kind: 'model', name: 'tiny', files }] });
}

function run(bundle: FakeBundle) {
  const where = { store: join(folder, 'store'), trustFile: join(folder, 'trust.json'), workers: builtWorkers };
  return importBundle({ dirs: bundle.dirs, ...where, now: () => new Date() }, quietWork());
}

it('imports by copies where there are no links, copies once, and tells contents of one size apart', async () => {
  const [first, second] = [write('first', 'a'), write('second', 'b')];
  const model = join(folder, 'store/models/tiny/model.gguf');
  await run(first);
  const { ino } = statSync(model);
  expect((await run(first)).bytesWritten).toBe(0);
  expect(statSync(model).ino).toBe(ino);
  expect((await run(second)).findings).toMatchObject([{ id: 'import.replaced' }]);
  expect(readFileSync(model).equals(someBytes(70_000, 'b'))).toBe(true);
});
