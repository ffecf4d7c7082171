import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { blockBytes } from '../../../src/main/core/bundle/format/format.ts';
import { fileCost, mediumCost } from '../../../src/main/core/bundle/pack/plan-cost.ts';
import {
  type MediaPlan,
  type PlanItem,
  type PlanTarget,
  planMedia,
} from '../../../src/main/core/bundle/pack/plan-media.ts';
import { partBytesFor } from '../../../src/main/core/bundle/pack/prepare-pack.ts';

const mebibyte = 1024 * 1024;
const target = (path: string, freeBytes: number, more: Partial<PlanTarget> = {}): PlanTarget => ({
  path,
  filesystem: path,
  freeBytes,
  clusterBytes: 4096,
  ...more,
});
const item = (name: string, ...sizes: number[]): PlanItem => ({
  name,
  madeBytes: 5000,
  blobs: sizes.map((sizeBytes, index) => ({ key: `${name}/${index}`, sizeBytes })),
});

function pathsOf(plan: MediaPlan, name: string): string[] {
  return plan.media.filter((one) => one.pieces.some(({ key }) => key.startsWith(`${name}/`))).map((one) => one.path);
}

describe('planMedia, whatever is asked', () => {
  const size = fc.oneof(fc.nat(5), fc.nat(3 * mebibyte), fc.nat(80 * mebibyte));
  const blob = fc.record({ key: fc.nat(12).map((n) => `blob ${n}`), sizeBytes: size });
  const items = fc.array(
    fc.record({ madeBytes: fc.nat(20_000), blobs: fc.array(blob, { minLength: 1, maxLength: 6 }) }),
    { minLength: 1, maxLength: 6 },
  );
  const targets = fc.array(
    fc.record({
      filesystem: fc.constantFrom('a', 'b', 'c'),
      freeBytes: fc.nat(300 * mebibyte),
      limitBytes: fc.option(fc.nat(200 * mebibyte), { nil: undefined }),
      clusterBytes: fc.constantFrom(512, 4096, 32768),
    }),
    { minLength: 1, maxLength: 5 },
  );
  const partBytes = fc.oneof(
    fc.integer({ min: mebibyte, max: blockBytes - 1 }),
    fc.integer({ min: 1, max: 10 }).map((blocks) => blocks * blockBytes),
  );

  it('places every byte of every blob once, within all limits, or refuses with space.short', () => {
    fc.assert(
      fc.property(items, targets, partBytes, (someItems, someTargets, asked) => {
        const sizes = new Map<string, number>();
        const wanted = someItems.map((one, index) => ({
          name: `item ${index}`,
          madeBytes: one.madeBytes,
          blobs: one.blobs.map(({ key, sizeBytes }) => {
            if (!sizes.has(key)) sizes.set(key, sizeBytes);
            return { key, sizeBytes: sizes.get(key) ?? 0 };
          }),
        }));
        const places = someTargets.map(({ limitBytes, ...rest }, index) => ({
          path: `/${index}`,
          ...rest,
          ...(limitBytes !== undefined && { limitBytes }),
        }));
        let plan: MediaPlan;
        try {
          plan = planMedia(wanted, places, { partBytes: asked });
        } catch (error) {
          expect((error as { code?: string }).code).toBe('space.short');
          const { neededBytes, freeBytes } = (error as { wire: { details: Record<string, number> } }).wire.details;
          expect(neededBytes).toBeGreaterThan(freeBytes ?? 0);
          return;
        }
        checkPlan(plan, wanted, places, sizes, asked);
      }),
      { numRuns: 500 },
    );
  });

  function checkPlan(
    plan: MediaPlan,
    wanted: PlanItem[],
    places: PlanTarget[],
    sizes: Map<string, number>,
    asked: number,
  ): void {
    expect(plan.partBytes).toBeLessThanOrEqual(asked);
    expect(plan.media.map((one) => one.ordinal)).toEqual(plan.media.map((_, index) => index + 1));
    for (const [key, sizeBytes] of sizes) {
      const pieces = plan.media.flatMap((one) => one.pieces.filter((piece) => piece.key === key));
      pieces.sort((a, b) => a.offsetBytes - b.offsetBytes);
      let end = 0;
      for (const [index, piece] of pieces.entries()) {
        expect(piece.offsetBytes).toBe(end);
        end += piece.sizeBytes;
        expect(piece.sizeBytes).toBeLessThanOrEqual(plan.partBytes);
        if (index < pieces.length - 1) expect(piece.sizeBytes).toBe(plan.partBytes);
      }
      expect(end).toBe(sizeBytes);
      expect(pieces.length).toBe(Math.max(1, Math.ceil(sizeBytes / plan.partBytes)));
    }
    expect(plan.media.flatMap((one) => one.manifests).sort()).toEqual(wanted.map((one) => one.name).sort());
    const headBytes = wanted.reduce((sum, one) => sum + one.madeBytes, 0);
    const used = new Map<string, number>();
    for (const medium of plan.media) {
      const place = places.find((one) => one.path === medium.path);
      const cluster = place?.clusterBytes ?? 0;
      const least = medium.pieces.reduce(
        (sum, piece) => sum + fileCost(piece.sizeBytes, cluster),
        mediumCost(headBytes, cluster),
      );
      expect(medium.reservedBytes).toBeGreaterThanOrEqual(least);
      expect(medium.reservedBytes).toBeLessThanOrEqual(place?.limitBytes ?? Number.POSITIVE_INFINITY);
      used.set(place?.filesystem ?? '', (used.get(place?.filesystem ?? '') ?? 0) + medium.reservedBytes);
    }
    for (const [filesystem, bytes] of used) {
      const free = places.filter((one) => one.filesystem === filesystem).map((one) => one.freeBytes);
      expect(bytes).toBeLessThanOrEqual(Math.min(...free));
    }
  }
});

describe('planMedia', () => {
  const part = { partBytes: 16 * blockBytes };

  it('keeps each content on one medium where it fits, though it would fill the first better otherwise', () => {
    const plan = planMedia(
      [item('small', 20 * mebibyte), item('large', 40 * mebibyte, 40 * mebibyte)],
      [target('/1', 90 * mebibyte), target('/2', 90 * mebibyte)],
      part,
    );
    expect(pathsOf(plan, 'large')).toEqual(['/1']);
    expect(pathsOf(plan, 'small')).toEqual(['/2']);
  });

  it('writes a shared blob once, on the first medium that needs it', () => {
    const shared = { key: 'shared', sizeBytes: 30 * mebibyte };
    const one = { name: 'one', madeBytes: 1000, blobs: [shared, { key: 'one/0', sizeBytes: 30 * mebibyte }] };
    const two = { name: 'two', madeBytes: 1000, blobs: [{ key: 'two/0', sizeBytes: 29 * mebibyte }, shared] };
    const plan = planMedia([one, two], [target('/1', 65 * mebibyte), target('/2', 65 * mebibyte)], part);
    const places = plan.media.flatMap((medium) => medium.pieces.map((piece) => `${medium.path} ${piece.key}`));
    expect(places.sort()).toEqual(['/1 one/0', '/1 shared', '/2 two/0']);
  });

  it('splits what no medium can hold, and puts its manifest after its last part', () => {
    const plan = planMedia([item('wide', 100 * mebibyte)], [target('/1', 60 * mebibyte), target('/2', 60 * mebibyte)], {
      partBytes: blockBytes,
    });
    expect(pathsOf(plan, 'wide')).toEqual(['/1', '/2']);
    expect(plan.media[1]?.manifests).toEqual(['wide']);
  });

  it('takes smaller parts where only the gaps at the ends of media are missing', () => {
    const targets = [1, 2, 3].map((n) => target(`/${n}`, 200 * mebibyte));
    const plan = planMedia([item('a', 540 * mebibyte)], targets, { partBytes: 8 * blockBytes });
    expect(plan.partBytes).toBeLessThan(8 * blockBytes);
  });

  it('counts a filesystem that holds two targets once', () => {
    const twins = [
      target('/a/1', 50 * mebibyte, { filesystem: 'a' }),
      target('/a/2', 50 * mebibyte, { filesystem: 'a' }),
    ];
    expect(() => planMedia([item('m', 40 * mebibyte), item('n', 40 * mebibyte)], twins, part)).toThrow(
      /Not enough space/,
    );
  });

  it('leaves out media that nothing needs', () => {
    const plan = planMedia([item('m', 5)], [target('/tiny', 10), target('/1', mebibyte), target('/2', mebibyte)], part);
    expect(plan.media.map((one) => [one.ordinal, one.path])).toEqual([[1, '/1']]);
  });

  it('refuses parts so small that a blob would need more than 1000', () => {
    const big = [item('m', 2000 * mebibyte)];
    expect(() => planMedia(big, [target('/1', 1e12)], { partBytes: mebibyte })).toThrow(/more than 1000 parts/);
  });
});

describe('partBytesFor', () => {
  it.each([
    [100 * mebibyte, undefined, 96 * mebibyte],
    [mebibyte, undefined, mebibyte],
    [17 * mebibyte, undefined, 16 * mebibyte],
    [8192 * mebibyte, 255 * blockBytes, 255 * blockBytes],
  ])('of %d bytes on a filesystem with a limit of %s is %d', (asked, largestFileBytes, expected) => {
    expect(partBytesFor([{ ...(largestFileBytes && { largestFileBytes }) }, {}], asked)).toBe(expected);
  });
});
