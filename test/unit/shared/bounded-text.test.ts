import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { boundedText, boundedTexts, fewNames, withinBudget } from '../../../src/shared/bounded-text.ts';
import { appError } from '../../../src/shared/errors/app-error.ts';
import { issueLines } from '../../../src/shared/rpc/frames.ts';

const long = 'x'.repeat(100_000);
const many = Array.from({ length: 100_000 }, (_, index) => `name ${index} ${long.slice(0, 50)}`);

describe('text from outside', () => {
  it('has at most 500 characters, and no half of a character at the cut', () => {
    expect(boundedText('x'.repeat(500))).toBe('x'.repeat(500));
    expect(boundedText(long)).toBe(`${'x'.repeat(499)}…`);
    expect(boundedText(`${'x'.repeat(498)}😀${long}`)).toBe(`${'x'.repeat(498)}…`);
  });

  it('comes in lists of at most 20, which say how many more there are', () => {
    expect(boundedTexts(['a', 'b'])).toEqual(['a', 'b']);
    expect(boundedTexts(many).slice(-2)).toEqual([many[19], '… and 99980 more']);
  });

  it('keeps the count of what a message leaves out', () => {
    const { message } = appError('model.parts-missing', { path: '/m', names: many });
    expect(message).toContain(`${many[4]} and 99995 more`);
    expect(fewNames(['a', 'b'])).toBe('a, b');
    expect(fewNames(['a', 'b', 'c', 'd', 'e', 'f'])).toBe('a, b, c, d, e and 1 more');
  });

  it.each([
    ['a value', () => appError('bundle.malformed', { path: long, problem: long })],
    ['a list', () => appError('model.files-missing', { path: '/models/m', missing: many })],
    [
      'groups in a list',
      () =>
        appError('site.file-invalid', {
          path: '/site.yaml',
          problems: many.map((field) => ({ field: field + long, line: 1, problem: long })),
        }),
    ],
    ['a cause', () => appError('bundle.malformed', { path: '/m', problem: 'p' }, new Error(long))],
  ])('makes no error large: %s', (_what, make) => {
    expect(JSON.stringify(make().wire).length).toBeLessThan(100_000);
  });

  it.each([
    ['unknown members', z.strictObject({}), Object.fromEntries(many.map((name) => [name, 1]))],
    [
      'wrong members of a record',
      z.record(z.string(), z.number()),
      Object.fromEntries(many.map((name) => [name, 'a'])),
    ],
    ['long names', z.record(z.string(), z.number()), { [long]: 'a' }],
  ])('makes no validation problem large: %s', (_what, schema, value) => {
    const { error } = schema.safeParse(value);
    expect(error && issueLines(error).join('\n').length).toBeLessThan(12_000);
  });

  it('fits into an answer: the first items whose JSON is small enough together', () => {
    expect(withinBudget(['aa', 'bb', 'cc'], 10)).toEqual(['aa', 'bb']);
    expect(withinBudget(['aa'], 10)).toEqual(['aa']);
    expect(JSON.stringify(withinBudget(many)).length).toBeLessThan(310_000);
  });
});
