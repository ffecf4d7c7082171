import { describe, expect, it } from 'vitest';
import { peopleOf, shownAfter } from '../../../src/renderer/features/model/model-choice.ts';

describe('the people who were typed', () => {
  it.each<[number | string, number | undefined]>([
    ['', undefined],
    ['-', undefined],
    [40, 40],
    ['40', 40],
    [-5, 1],
    [0, 1],
    [99_999_999_999, 100_000],
    ['9'.repeat(40), 100_000],
  ])('%j count as %j', (typed, count) => expect(peopleOf(typed)).toBe(count));
});

describe('the model that is shown after a new ranking', () => {
  it('is the recommended one until a person picks another', () => {
    const nobody = { shownId: undefined, chosenId: undefined, before: undefined };
    expect(shownAfter({ ...nobody, after: 'a' })).toBe('a');
    expect(shownAfter({ ...nobody, shownId: 'a', before: 'a', after: 'b' })).toBe('b');
    expect(shownAfter({ ...nobody, shownId: 'c', before: 'a', after: 'b' })).toBe('c');
  });

  it('is none when nothing fits any more, but for a model that was chosen', () => {
    const shown = { shownId: 'a', before: 'a', after: undefined };
    expect(shownAfter({ ...shown, chosenId: undefined })).toBeUndefined();
    expect(shownAfter({ ...shown, chosenId: 'a' })).toBe('a');
  });
});
