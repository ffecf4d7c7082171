import { describe, expect, it } from 'vitest';
import { shownTexts } from '../../../src/main/core/report/verify-report.ts';
import { AppError } from '../../../src/shared/errors/app-error.ts';
import { maxFrameChars } from '../../../src/shared/rpc/frame-limit.ts';

const read = (page: string, data?: string) =>
  shownTexts('/report', { page: Buffer.from(page), data: data === undefined ? undefined : Buffer.from(data) });

describe('a report for a window', () => {
  it('has its data beside the page', () => {
    expect(read('<p>', '{}')).toEqual({ html: '<p>', json: '{}' });
    expect(read('<p>')).toEqual({ html: '<p>' });
  });

  it.each([
    ['together', 'a'.repeat(2_900_000), 'b'.repeat(2_900_000)],
    ['by its quotes', 'a'.repeat(1_500_000), '"'.repeat(1_500_000)],
    ['by its control characters', 'a', '\u0001'.repeat(1_000_000)],
  ])('is without data that exceeds a frame %s, and says so', (_how, page, data) => {
    const texts = read(page, data);
    expect(texts).toEqual({ html: page, jsonTooLarge: true });
    expect(JSON.stringify(texts).length).toBeLessThan(maxFrameChars);
  });

  it.each([
    ['plain', 'a'.repeat(maxFrameChars)],
    ['with many quotes', '"'.repeat(2_900_000)],
  ])('is refused when the page alone exceeds a frame: %s', (_how, page) => {
    const refused = () => read(page);
    expect(refused).toThrow(AppError);
    expect(refused).toThrow(expect.objectContaining({ wire: expect.objectContaining({ code: 'file.too-large' }) }));
  });
});
