import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FilePart } from '../../../src/main/core/bundle/format/blob-parts.ts';
import { planBlob } from '../../../src/main/core/bundle/read/blob-plan.ts';

const hex = 'a'.repeat(64);

function part(index: number, sizeBytes: number): { index: number; part: FilePart } {
  return { index, part: { path: `${hex}.${index}`, sizeBytes, sha256: hex, blocks: [], medium: 'M', root: '/m' } };
}

describe('planBlob', () => {
  it('puts every known part where it belongs, whichever are known, once the size is known', () => {
    const parts = fc.record({
      stride: fc.integer({ min: 1, max: 50 }).map((pages) => pages * 4096),
      count: fc.integer({ min: 2, max: 9 }),
      last: fc.integer({ min: 1, max: 4095 }),
      known: fc.array(fc.boolean(), { minLength: 9, maxLength: 9 }),
    });
    fc.assert(
      fc.property(parts, ({ stride, count, last, known }) => {
        const total = stride * (count - 1) + last;
        const all = Array.from({ length: count }, (_, index) => part(index, index === count - 1 ? last : stride));
        const some = all.filter(({ index }) => known[index]);
        fc.pre(some.length > 0);
        const plan = planBlob(hex, { isWhole: false, parts: some }, total);
        expect(plan.parts.map((one) => one.offsetBytes)).toEqual(some.map(({ index }) => index * stride));
        expect(plan.isCovered).toBe(some.length === count);
      }),
    );
  });

  it('takes uneven parts when none is missing', () => {
    const plan = planBlob(hex, { isWhole: false, parts: [part(0, 5), part(1, 9), part(2, 1)] }, 15);
    expect(plan).toMatchObject({
      isCovered: true,
      parts: [{ offsetBytes: 0 }, { offsetBytes: 5 }, { offsetBytes: 14 }],
    });
  });

  it.each([
    ['too many bytes', { isWhole: false, parts: [part(0, 5), part(1, 9)] }, 13],
    ['a whole file of another size', { isWhole: true, parts: [part(0, 5)] }, 6],
  ])('refuses %s', (_what, known, total) => {
    expect(() => planBlob(hex, known, total)).toThrow(expect.objectContaining({ code: 'bundle.content-mismatch' }));
  });
});
