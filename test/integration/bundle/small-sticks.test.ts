import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { rmSync, statfsSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { blockBytes } from '../../../src/main/core/bundle/format/format.ts';
import { openMedia } from '../../../src/main/core/bundle/read/open-media.ts';
import { verifyBundle } from '../../../src/main/core/bundle/read/verify.ts';
import { fingerprintToWords } from '../../../src/main/core/signing/fingerprint.ts';
import { trustKey } from '../../../src/main/core/signing/trust.ts';
import { quietWork } from '../../../src/main/core/work.ts';
import { builtWorkers } from '../../run-sealift.ts';
import { PackScene } from '../../scenes/pack-scene.ts';
import { checkMedia } from '../../scenes/packed-media.ts';
import { lacksStick, SmallStick, type StickKind } from '../../scenes/small-stick.ts';

const mebibyte = 1024 * 1024;
const content = '{kind: files, name: big, paths: [big]}';
const bytes = randomBytes(3 * blockBytes + 4711);
let scene: PackScene;
let stick: SmallStick | undefined;
beforeEach(async () => {
  scene = await PackScene.open();
  await writeFile(scene.at('big'), bytes);
});
afterEach(async () => {
  stick?.remove();
  stick = undefined;
  await scene.close();
});
const insert = (kind: StickKind) => {
  stick = SmallStick.insert(kind, scene.at('stick'), 100 * mebibyte);
};
const expectWhole = async (file: Buffer) => {
  const { blobs } = await checkMedia([scene.at('stick')]);
  expect([...blobs.values()].some((one) => one.equals(file))).toBe(true);
  execFileSync('sha256sum', ['--quiet', '--check', 'sealift/SHA256SUMS'], { cwd: scene.at('stick') });
};

/** Fills a filesystem except for so many bytes. */
function fill(folder: string, leaveBytes: number): void {
  const { bavail, bsize } = statfsSync(folder);
  writeFileSync(join(folder, 'filler'), Buffer.alloc(bavail * bsize - leaveBytes));
}

describe.skipIf(lacksStick('FAT32'))('a stick with FAT32', () => {
  it('whose driver does not report its size takes a bundle of the size that is said', {
    timeout: 300_000,
  }, async () => {
    insert('FAT32');
    // That driver takes seconds for some megabytes.
    const few = bytes.subarray(0, mebibyte);
    await writeFile(scene.at('big'), few);
    expect(await scene.refusal([content], ['stick'])).toBe('pack.size-unknown');
    await scene.pack([content], ['stick'], { mediumBytes: 90 * mebibyte });
    await expectWhole(few);
  });

  it('that holds less than it claims is said to be full', { timeout: 300_000 }, async () => {
    stick = SmallStick.insert('FAT32', scene.at('stick'), 34 * mebibyte);
    const error = await scene.pack([content], ['stick'], { mediumBytes: 90 * mebibyte }).catch((thrown) => thrown);
    expect(error).toMatchObject({ code: 'file.failed' });
    expect(error.message).toContain('may be full, or smaller than it claims');
  });
});

describe.each(['exFAT', 'ext4', 'NTFS'] as const)('a stick with %s', (kind) => {
  it.skipIf(lacksStick(kind))(
    'that is full in the middle is said to be full, and the pack resumes when there is room',
    { timeout: 300_000 },
    async () => {
      insert(kind);
      const work = quietWork();
      // Planned with room for everything; then someone else writes to the stick.
      work.step = (id) => void (id === 'write' && fill(scene.at('stick'), 2.5 * blockBytes));
      await expect(scene.pack([content], ['stick'], { work })).rejects.toMatchObject({ code: 'space.ran-out' });
      rmSync(scene.at('stick/filler'));
      const { bytesRead, resumedBytes, readBack } = await scene.pack([content], ['stick']);
      expect(resumedBytes).toBeGreaterThanOrEqual(blockBytes);
      expect(bytesRead + resumedBytes).toBe(bytes.length);
      // Drivers in user space read through the cache of their device.
      expect(readBack).toBe(kind === 'ext4' ? 'direct' : 'cached');
      await expectWhole(bytes);
    },
  );

  it.skipIf(lacksStick(kind))(
    'that is pulled in the middle is said to be gone, and the pack resumes when it is back',
    { timeout: 300_000 },
    async () => {
      insert(kind);
      const work = quietWork();
      let isPulled = false;
      work.progress = ({ done }) => {
        if (isPulled || done < 2.5 * blockBytes) return;
        isPulled = true;
        stick?.pull();
      };
      await expect(scene.pack([content], ['stick'], { work })).rejects.toMatchObject({ code: 'medium.gone' });
      stick?.plugIn();
      const { bytesRead, resumedBytes } = await scene.pack([content], ['stick']);
      expect(resumedBytes).toBeGreaterThanOrEqual(blockBytes);
      expect(bytesRead + resumedBytes).toBe(bytes.length);
      await expectWhole(bytes);
      await trustKey(
        scene.at('trust.json'),
        { fingerprint: fingerprintToWords(scene.signer.keyId) },
        { now: new Date() },
      );
      const media = await openMedia([scene.at('stick')], scene.at('trust.json'));
      stick?.pull();
      await expect(verifyBundle(media, builtWorkers, work)).rejects.toMatchObject({ code: 'medium.gone' });
      // Without its driver, it is no place on the disk of the machine.
      if (kind !== 'ext4') expect(await scene.refusal([content], ['stick'])).toBe('medium.gone');
    },
  );
});
