import { resolve } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { setLines } from '../../../src/main/cli/set-lines.ts';
import { levelOf } from '../../../src/main/core/catalog/list-models.ts';
import { loadModelCatalog } from '../../../src/main/core/catalog/load-model-catalog.ts';
import type { ModelCatalog } from '../../../src/main/core/catalog/model-catalog.ts';
import { pageFor } from '../../../src/main/core/catalog/page-for-version.ts';
import { plannedSet } from '../../../src/main/core/catalog/planned-set.ts';
import type { ModelFeature } from '../../../src/shared/contract/models.ts';
import type { Machine } from '../../../src/shared/machine.ts';
import { gib, goodMachine, gpu } from '../../scenes/machines.ts';

let catalog: ModelCatalog;
beforeAll(async () => {
  catalog = await loadModelCatalog(resolve('resources'));
});

const early: ModelFeature[] = ['codeCompletion', 'codeGeneration', 'chat'];

function planned(features: ModelFeature[], machine: Machine, version: string) {
  const chosen = pageFor(catalog, version);
  const { models, why } = plannedSet({ catalog, chosen, machine, features });
  for (const { modelId, features: own } of models ?? [])
    for (const { feature } of own) {
      const row = catalog.models.find(({ id }) => id === modelId)?.support.find(({ page }) => page === chosen.page.id);
      expect(row && levelOf(catalog, row, feature)).toMatch(/^(full|partial|listed)$/);
    }
  const covered = (models ?? []).flatMap((one) => one.features.map(({ feature }) => feature));
  if (models) expect(covered.sort()).toEqual([...features].sort());
  return { set: models?.map(({ modelId, gpuIndexes }) => ({ modelId, gpuIndexes })), models, why };
}
const withGpus = (...freeGib: number[]) =>
  goodMachine({ gpus: freeGib.map((free) => gpu({ vramTotalBytes: 80 * gib, vramFreeBytes: free * gib })) });

describe('the cheapest set of models', () => {
  it('is two models with a GPU each where GitLab has none that does everything', () => {
    const { set, why } = planned(early, withGpus(79, 79), '17.3');
    expect(set).toEqual([
      { modelId: 'codegemma-2b', gpuIndexes: [0] },
      { modelId: 'mistral-7b-v0.1', gpuIndexes: [1] },
    ]);
    expect(why).toEqual(['GitLab lists no single model for Code completion, Code generation, Chat.']);
  });

  it('is one model where one does everything, on no more GPUs than it needs', () => {
    const { set, why } = planned(['codeCompletion', 'chat'], withGpus(79, 79, 79, 79), '18.9');
    expect(set).toEqual([{ modelId: 'mistral-small-3.2-24b', gpuIndexes: [0] }]);
    expect(why).toEqual(['One model serves Code completion, Chat: no set of several is cheaper.']);
  });

  it('gives each model GPUs with room for it', () => {
    const { models } = planned(early, withGpus(1, 30, 79), '17.3');
    const taken = models?.flatMap((one) => one.gpuIndexes).sort();
    expect(taken).toEqual([1, 2]);
  });

  it('has no set for two models on one GPU, and says so', () => {
    const { set, why } = planned(early, withGpus(79), '17.3');
    expect(set).toBeUndefined();
    expect(why).toEqual(['Each feature has a model that fits alone, but no set of them fits side by side.']);
  });

  it('counts main memory once for all models in it', () => {
    const memory = (availableGib: number) =>
      goodMachine({ gpus: [], memory: { ...goodMachine().memory, availableBytes: availableGib * gib } });
    const needs = (machine: Machine) =>
      planned(['codeCompletion', 'agentPlatform'], machine, '19.2').models?.map((one) => one.totalBytes ?? 0) ?? [];
    const total = needs(memory(240)).reduce((sum, one) => sum + one, 0);
    for (const availableGib of [8, 16, 24, 32, 48, 64])
      expect(needs(memory(availableGib)).reduce((sum, one) => sum + one, 0)).toBeLessThan(availableGib * gib);
    expect(total).toBeGreaterThan(0);
  });

  it('names the feature for which GitLab lists no model', () => {
    const { set, why } = planned(['chat', 'agentPlatform'], withGpus(79, 79), '18.9');
    expect(set).toBeUndefined();
    expect(why).toEqual(['GitLab lists no self-hosted model for Agent Platform for this version.']);
  });

  it('is printed with GPUs, features and rules', () => {
    const { models, why } = planned(early, withGpus(79, 79), '17.3');
    const gitlab = { first: '17.3', last: '17.3', sourceText: 'a page' };
    const machine = { hostname: 'plant', gpus: 2 };
    const lines = setLines({ gitlab, notes: [], machine, models, why, rules: ['A rule.'] });
    expect(lines).toContain('● The cheapest set: 2 models');
    expect(lines.filter((line) => /, on GPU [01]: /.test(line))).toHaveLength(2);
    expect(lines.join('\n')).toMatch(/Code completion: .*\n/);
    expect(lines.slice(-2)).toEqual(['Chosen by', '  1. A rule.']);
    expect(setLines({ gitlab, notes: [], machine, models: null, why: ['Because.'], rules: [] }).slice(-2)).toEqual([
      '■ No set of models covers these features here.',
      '    Because.',
    ]);
  });
});
