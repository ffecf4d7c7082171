import { copyFileSync, mkdtempSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { openMedia } from '../../../src/main/core/bundle/read/open-media.ts';
import { canonicalJson } from '../../../src/main/core/signing/canonical-json.ts';
import { type FakeBundle, newSigner, someBytes, writeMedia } from '../../scenes/write-media.ts';

// The real one, counted: it reads a whole list, as each check of an envelope does.
vi.mock('../../../src/main/core/signing/canonical-json.ts', { spy: true });

const folder = mkdtempSync(join(tmpdir(), 'sealift-many-media-'));
const signer = newSigner();
const trusted = { ownKeyIds: [signer.keyId] };
const head = 'sealift/bundle.json';
afterAll(() => rm(folder, { recursive: true, force: true }));

function bundle(name: string): FakeBundle {
  const files = Object.fromEntries(Array.from({ length: 12 }, (_, at) => [`f${at}`, someBytes(300, `${name} ${at}`)]));
  return writeMedia(join(folder, name), { contents: [{ kind: 'files', name, files }], signer, media: 4 });
}

const open = (dirs: readonly string[]) => openMedia(dirs, join(folder, 'trust.json'), trusted);

describe('many media', () => {
  it('with the same list of the whole on each cost one check of that list', async () => {
    const { dirs } = bundle('copied');
    const listChecks = async () => {
      vi.mocked(canonicalJson).mockClear();
      expect((await open(dirs)).media.map((one) => one.hasHead)).toContain(true);
      return vi.mocked(canonicalJson).mock.calls.filter(([value]) => value && Object.hasOwn(value, 'contents')).length;
    };
    const before = await listChecks();
    for (const dir of dirs.slice(0, -1)) copyFileSync(join(dirs.at(-1) ?? '', head), join(dir, head));
    expect(await listChecks()).toBe(before);
    expect((await open(dirs)).media.map((one) => one.hasHead)).toEqual([true, true, true, true]);
  });

  it.each([
    ['of another bundle', 'bundle.foreign', (dirs: string[]) => [dirs[0] ?? '', bundle('other').dirs[1] ?? '']],
    ['with another list of the whole', 'bundle.malformed', otherLists],
    ['that is a copy', 'bundle.duplicate-medium', (dirs: string[]) => [dirs[0] ?? '', copyOf(dirs[0] ?? '')]],
  ])('%s end with %s before the rest is read', async (what, code, pick) => {
    const { dirs } = bundle(what.replaceAll(' ', '-'));
    const last = dirs.at(-1) ?? '';
    writeFileSync(join(last, 'sealift/media.json'), 'not read');
    await expect(open([...pick(dirs), last])).rejects.toMatchObject({ code });
  });
});

/** Two media with lists that differ. */
function otherLists(dirs: string[]): string[] {
  const [one = '', two = ''] = dirs;
  copyFileSync(join(dirs.at(-1) ?? '', head), join(one, head));
  copyFileSync(join(bundle('list').dirs.at(-1) ?? '', head), join(two, head));
  return [one, two];
}

function copyOf(dir: string): string {
  const { dirs } = bundle('twin');
  copyFileSync(join(dir, 'sealift/media.json'), join(dirs[0] ?? '', 'sealift/media.json'));
  return dirs[0] ?? '';
}
