import { resolve } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { pageFor } from '../../../src/main/core/catalog/gitlab-version.ts';
import { modelsOf, sizeOf } from '../../../src/main/core/catalog/list-models.ts';
import { loadModelCatalog } from '../../../src/main/core/catalog/load-catalog.ts';
import type { ModelCatalog } from '../../../src/main/core/catalog/model-catalog.ts';
import { rankedPlans, rankPlans } from '../../../src/main/core/catalog/rank-plans.ts';
import {
  choiceOf,
  contextFor,
  peopleOf,
  planNow,
  shownAfter,
} from '../../../src/renderer/features/model/model-choice.ts';
import { gib, goodMachine, gpu } from '../hardware/machines.ts';

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

describe('the context of a model', () => {
  it('is what is wanted, at most what the model was trained for', () => {
    const trained = (contextTokens?: number) => ({
      name: 'm',
      architecture: contextTokens === undefined ? {} : { contextTokens },
      isDerived: false,
    });
    expect(contextFor(trained(8192), 32_768)).toBe(8192);
    expect(contextFor(trained(131_072), 32_768)).toBe(32_768);
    expect(contextFor(trained(), 32_768)).toBe(32_768);
  });
});

describe('what is drawn of a model', () => {
  let catalog: ModelCatalog;
  beforeAll(async () => {
    catalog = await loadModelCatalog(resolve('resources'));
  });

  const machines = [24, 48, 80].flatMap((size) =>
    [1, 2, 4].map((count) => {
      const memory = { vramTotalBytes: size * gib, vramFreeBytes: (size - 1) * gib };
      return {
        name: `${count} x ${size} GiB`,
        machine: goodMachine({ gpus: Array.from({ length: count }, () => gpu(memory)) }),
      };
    }),
  );

  it.each(machines)('is the plan that the list puts first for it, on $name', ({ machine }) => {
    const needs = { contextTokens: 32_768, concurrency: 4 };
    const chosen = pageFor(catalog, '18.9');
    const plans = rankedPlans(
      rankPlans(modelsOf(catalog, chosen, []), { catalog, chosen, machine, features: [], needs }),
    );
    for (const model of catalog.models) {
      const first = plans.find((one) => one.modelId === model.id);
      const { estimate } = planNow(sizeOf(model), first, machine, needs) ?? {};
      expect([estimate?.engine, estimate?.quantization, estimate?.verdict, estimate?.totalBytes], model.id).toEqual([
        first?.engine,
        first?.quantization,
        first?.verdict,
        first?.totalBytes,
      ]);
    }
  });
});

describe('what is kept of a choice', () => {
  const choice = { modelId: 'm', contextTokens: 8192, concurrency: 1, overrides: {} };
  it('is the model with its numbers, whether it fits, and what was recommended', () => {
    expect(choiceOf({ ...choice, verdict: 'does-not-fit', recommendedId: 'other' })).toEqual({
      set: { ...choice, verdict: 'does-not-fit', recommendedId: 'other' },
      clear: [],
    });
    expect(choiceOf({ ...choice, verdict: undefined, recommendedId: undefined })).toEqual({
      set: choice,
      clear: ['verdict', 'recommendedId'],
    });
  });

  it('is without the reason for an earlier choice', () => {
    const overrides = { 'model.choice': 'it was tested', 'cpu.avx2': 'known' };
    const { set } = choiceOf({ ...choice, verdict: 'fits', recommendedId: 'm', overrides });
    expect(set.overrides).toEqual({ 'cpu.avx2': 'known' });
  });
});
