import { randomBytes } from 'node:crypto';
import zlib, { gzipSync } from 'node:zlib';
import { describe, expect, it, vi } from 'vitest';
import { Inflater } from '../../../src/main/core/bundle/format/inflater.ts';
import { skippableFrame, zstdFrame } from '../../scenes/make-sources.ts';

/** Pushes the bytes in chunks of this size, and returns what came out. */
async function inflated(bytes: Buffer, chunkBytes: number) {
  const pieces: Buffer[] = [];
  const inflater = new Inflater(bytes, (piece) => pieces.push(Buffer.from(piece)));
  for (let at = 0; at < bytes.length; at += chunkBytes) await inflater.push(bytes.subarray(at, at + chunkBytes));
  const isWhole = await inflater.finish();
  inflater.close();
  return { isWhole, isAble: inflater.isAble, bytes: Buffer.concat(pieces) };
}

const content = [randomBytes(40_000), Buffer.alloc(50_000, 'a'), randomBytes(300)];
const all = Buffer.concat(content);
const chunkings = [1e9, 1000, 7];

describe('gzip', () => {
  const members = content.map((one) => gzipSync(one));

  it.each(chunkings)('is unpacked through all its members, in chunks of %i', async (chunkBytes) => {
    const found = await inflated(Buffer.concat(members), chunkBytes);
    expect(found).toMatchObject({ isWhole: true, isAble: true });
    expect(found.bytes.equals(all)).toBe(true);
  });

  it('that is cut off in a later member is not whole', async () => {
    expect((await inflated(Buffer.concat(members).subarray(0, -4), 1000)).isWhole).toBe(false);
  });
});

const hasZstd = 'createZstdDecompress' in zlib;
const forms = {
  'several frames': content.map(zstdFrame),
  'frames to skip behind it': [...content.map(zstdFrame), skippableFrame(50), skippableFrame(0)],
  'frames to skip before each': content.flatMap((one) => [skippableFrame(4), zstdFrame(one)]),
};

it.each(Object.entries(forms))('zstd with %s is never taken for plain', (_form, frames) => {
  expect(new Inflater(Buffer.concat(frames), () => undefined).isAble).toBe(hasZstd);
});

// Node 20 has no zstd. The Node of the packages, which has, runs this file too: test/integration/bundle/packaged-node.test.ts.
if (hasZstd) {
  describe('zstd', zstdTests);
}

function zstdTests() {
  const unending = Buffer.concat([...content.map(zstdFrame), Buffer.alloc(100)]);

  it.each(
    Object.entries(forms).flatMap(([form, frames]) => chunkings.map((chunkBytes) => ({ form, frames, chunkBytes }))),
  )('with $form is unpacked to its end, in chunks of $chunkBytes', async ({ frames, chunkBytes }) => {
    const found = await inflated(Buffer.concat(frames), chunkBytes);
    expect(found).toMatchObject({ isWhole: true, isAble: true });
    expect(found.bytes.equals(all)).toBe(true);
  });

  it.each(chunkings)('with something else behind its frames is not whole, in chunks of %i', async (chunkBytes) => {
    const found = await inflated(unending, chunkBytes);
    expect(found).toMatchObject({ isWhole: false, isAble: true });
    expect(found.bytes.equals(all)).toBe(true);
  });

  it('with a window that Node does not take cannot be unpacked here', async () => {
    // A frame header with a window of 2 GiB (RFC 8878, section 3.1.1.1.2).
    const frame = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 21 << 3, 0x01, 0, 0]);
    expect(await inflated(frame, 1000)).toMatchObject({ isAble: false });
    expect(await inflated(Buffer.concat([zstdFrame(all.subarray(0, 1000)), frame]), 1000)).toMatchObject({
      isAble: false,
    });
  });

  it('is not unpacked frame by frame when they are tiny', async () => {
    const opened = vi.spyOn(zlib as unknown as { createZstdDecompress(): unknown }, 'createZstdDecompress');
    const frames = Buffer.concat(Array.from({ length: 3000 }, () => zstdFrame(Buffer.alloc(256))));
    const found = await inflated(frames, 100_000);
    const openedCount = opened.mock.calls.length;
    opened.mockRestore();
    expect(openedCount).toBeLessThan(1300);
    // Later versions of Node unpack them all with one stream.
    expect(found).toMatchObject({ isAble: openedCount === 1, isWhole: openedCount === 1 });
  });

  it('throws what the taker throws, in a later frame too', async () => {
    let takenBytes = 0;
    const inflater = new Inflater(zstdFrame(all.subarray(0, 1000)), (piece) => {
      takenBytes += piece.length;
      if (takenBytes > 1000) throw new Error('enough');
    });
    const two = Buffer.concat([zstdFrame(all.subarray(0, 1000)), zstdFrame(all.subarray(0, 2000))]);
    await expect(inflater.push(two)).rejects.toThrow('enough');
    inflater.close();
  });
}
