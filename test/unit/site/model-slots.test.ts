import { describe, expect, it } from 'vitest';
import { type SlotQuestion, sizedSlots } from '../../../src/main/core/site/deploy/model-slots.ts';

/** A model that needs 10 for its weights and 2 for each slot. */
const model = (threads: number, more: Partial<SlotQuestion> = {}): SlotQuestion => ({
  threads,
  needBytes: async (slots) => 10 + 2 * slots,
  ...more,
});

describe('the slots of the embedded engine', () => {
  it.each<[string, SlotQuestion[], number, number[]]>([
    ['one thread', [model(1)], 1000, [1]],
    ['as many as threads', [model(4)], 1000, [4]],
    ['at most eight', [model(64)], 1000, [8]],
    // 0.75 · 24 = 18 = 10 + 4 · 2
    ['what three quarters of the memory hold', [model(16)], 24, [4]],
    ['one, where not even that fits', [model(16)], 12, [1]],
    ['what the site file sets, whatever the memory', [model(2, { slots: 6 })], 12, [6]],
    ['one, where the memory is unknown', [model(16, { needBytes: async () => null })], 1000, [1]],
    // 0.75 · 40 = 30 = 10 + 3 · 2 + 10 + 2 · 2
    ['the same for all models of a list, none more than its threads', [model(16), model(2)], 40, [3, 2]],
    ['what is left beside a model whose slots are set', [model(16), model(1, { slots: 3 })], 40, [2, 3]],
  ])('are %s', async (_what, questions, memory, expected) => {
    expect(await sizedSlots(questions, memory)).toEqual(expected);
  });
});
