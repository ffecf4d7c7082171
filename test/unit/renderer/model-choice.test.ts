import { resolve } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { modelsOf, sizeOf } from '../../../src/main/core/catalog/list-models.ts';
import { loadModelCatalog } from '../../../src/main/core/catalog/load-model-catalog.ts';
import type { ModelCatalog } from '../../../src/main/core/catalog/model-catalog.ts';
import { pageFor } from '../../../src/main/core/catalog/page-for-version.ts';
import { rankedPlans, rankPlans } from '../../../src/main/core/catalog/rank-plans.ts';
import {
  choiceOf,
  contextFor,
  needsReason,
  peopleOf,
  planNow,
  shownAfter,
} from '../../../src/renderer/features/model/model-choice.ts';
import { gib, goodMachine, gpu } from '../../scenes/machines.ts';

describe('the number of users', () => {
  it.each<[number | string, number | undefined]>([
    ['', undefined],
    ['-', undefined],
    [40, 40],
    ['40', 40],
    [-5, 1],
    [0, 1],
    [99_999_999_999, 100_000],
    ['9'.repeat(40), 100_000],
  ])('reads %j as %j', (typed, count) => expect(peopleOf(typed)).toBe(count));
});

describe('the model that is shown after a new ranking', () => {
  it('is the recommended one until a person selects another', () => {
    const nobody = { shownId: undefined, chosenId: undefined, before: undefined };
    expect(shownAfter({ ...nobody, after: 'a' })).toBe('a');
    expect(shownAfter({ ...nobody, shownId: 'a', before: 'a', after: 'b' })).toBe('b');
    expect(shownAfter({ ...nobody, shownId: 'c', before: 'a', after: 'b' })).toBe('c');
  });

  it('is none when nothing fits any more, unless a model was chosen', () => {
    const shown = { shownId: 'a', before: 'a', after: undefined };
    expect(shownAfter({ ...shown, chosenId: undefined })).toBeUndefined();
    expect(shownAfter({ ...shown, chosenId: 'a' })).toBe('a');
  });
});

describe('the context of a model', () => {
  it('is the requested one, limited to what the model was trained for', () => {
    const trained = (contextTokens?: number) => ({
      name: 'm',
      architecture: contextTokens === undefined ? {} : { contextTokens },
    });
    expect(contextFor(trained(8192), 32_768)).toBe(8192);
    expect(contextFor(trained(131_072), 32_768)).toBe(32_768);
    expect(contextFor(trained(), 32_768)).toBe(32_768);
  });
});

describe('the plan that is shown for a model', () => {
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

  it.each(machines)('is the one the ranking puts first, on $name', ({ machine }) => {
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

describe('the saved choice of a model', () => {
  const choice = { modelId: 'm', contextTokens: 8192, concurrency: 1, overrides: {} };
  it('has the model, its numbers, the verdict and the recommendation', () => {
    expect(choiceOf({ ...choice, verdict: 'does-not-fit', recommendedId: 'other' })).toEqual({
      set: { ...choice, verdict: 'does-not-fit', recommendedId: 'other' },
      clear: [],
    });
    expect(choiceOf({ ...choice, verdict: undefined, recommendedId: undefined })).toEqual({
      set: choice,
      clear: ['verdict', 'recommendedId'],
    });
  });

  it('replaces the reason for an earlier choice by the one that is given', () => {
    const overrides = { 'model.choice': 'it was tested', 'cpu.avx2': 'known' };
    const { set } = choiceOf({
      ...choice,
      verdict: 'does-not-fit',
      recommendedId: 'm',
      overrides,
      reason: 'only for a demo',
    });
    expect(set.overrides).toEqual({ 'model.choice': 'only for a demo', 'cpu.avx2': 'known' });
  });

  it.each([
    ['does-not-fit', true],
    ['not-known', true],
    ['fits-tight', false],
    ['fits', false],
    [undefined, false],
  ] as const)('with the verdict %s needs a reason: %s', (verdict, isNeeded) => {
    expect(needsReason(verdict)).toBe(isNeeded);
  });

  it('drops the reason for an earlier choice', () => {
    const overrides = { 'model.choice': 'it was tested', 'cpu.avx2': 'known' };
    const { set } = choiceOf({ ...choice, verdict: 'fits', recommendedId: 'm', overrides });
    expect(set.overrides).toEqual({ 'cpu.avx2': 'known' });
  });
});
