import { resolve } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { compareVersions, isWithin, parseGitlabVersion } from '../../../src/main/core/catalog/gitlab-version.ts';
import { modelAnswerOf, modelsOf, notesFor } from '../../../src/main/core/catalog/list-models.ts';
import { loadModelCatalog } from '../../../src/main/core/catalog/load-model-catalog.ts';
import type { ModelCatalog } from '../../../src/main/core/catalog/model-catalog.ts';
import { pageFor } from '../../../src/main/core/catalog/page-for-version.ts';
import type { HardwareCatalog } from '../../../src/main/core/hardware/hardware-catalog.ts';
import { loadHardwareCatalog } from '../../../src/main/core/hardware/load-hardware-catalog.ts';
import { modelFeature } from '../../../src/shared/contract/models.ts';

let catalog: ModelCatalog;
let hardware: HardwareCatalog;
beforeAll(async () => {
  [catalog, hardware] = await Promise.all([
    loadModelCatalog(resolve('resources')),
    loadHardwareCatalog(resolve('resources')),
  ]);
});

const repeated = (list: string[]) => list.filter((one, index) => list.indexOf(one) !== index);

describe('models.yaml', () => {
  it('names each model once', () => {
    expect(repeated(catalog.models.map((one) => one.id))).toEqual([]);
    expect(repeated(catalog.models.flatMap((one) => one.hfRepo ?? []))).toEqual([]);
  });

  it('has pages in the order of their versions, and one row a model and page', () => {
    for (const [index, page] of catalog.pages.entries()) {
      expect(compareVersions(page.first, page.last)).toBeLessThanOrEqual(0);
      const next = catalog.pages[index + 1];
      if (next) expect(compareVersions(page.first, next.first)).toBeLessThan(0);
      if (next) expect(compareVersions(page.last, next.last)).toBeLessThan(0);
    }
    for (const model of catalog.models) expect(repeated(model.support.map((row) => row.page))).toEqual([]);
  });

  it('explains the source of each page', () => {
    for (const { source } of catalog.pages)
      expect([source, catalog.sources[source]]).toEqual([source, expect.anything()]);
  });

  it('explains each word, and has words only for features that the page mentions', () => {
    for (const row of catalog.models.flatMap((one) => one.support)) {
      const page = catalog.pages.find((one) => one.id === row.page);
      for (const feature of modelFeature.options) {
        const word = row[feature];
        if (word !== null) expect(Object.keys(catalog.words)).toContain(word);
        expect(Object.keys(catalog.states)).toContain(row.state);
        if (!page?.columns.includes(feature)) expect(word).toBeNull();
      }
    }
  });

  it('marks derived weights by their formula, and the formula holds', () => {
    for (const { id, weights, parameters } of catalog.models) {
      const factor = /^parameters x (\d) byte/.exec(weights?.formula ?? '')?.[1];
      if (weights && factor) expect([id, weights.bytes]).toEqual([id, (parameters?.count ?? 0) * Number(factor)]);
      else if (weights?.formula) expect([id, weights.formula]).toEqual([id, expect.stringMatching(/^as a copy of /)]);
    }
  });

  it('has sizes for self-hosted models only', () => {
    for (const model of catalog.models.filter((one) => one.hosting === 'cloud')) expect(model.weights).toBeUndefined();
  });
});

describe('hardware.yaml', () => {
  it('names each row once, and explains each source', () => {
    for (const group of [
      hardware.modelHost,
      hardware.gatewayHost,
      hardware.storage,
      hardware.gpu,
      hardware.gatewaySizing,
    ]) {
      expect(repeated(group.map((row) => row.id))).toEqual([]);
      for (const row of group) expect(hardware.sources[row.source]).toBeTruthy();
    }
    for (const row of hardware.throughput) expect(hardware.sources[row.source]).toBeTruthy();
  });

  it('names models that the catalogue has, each in one row for a version', () => {
    const ids = hardware.gpu.flatMap((row) => row.modelIds);
    for (const version of ['17.6', '17.8', '17.9', '19.2']) {
      const rows = hardware.gpu.filter((row) => isWithin(parseGitlabVersion(version), row));
      expect(repeated(rows.flatMap((row) => row.modelIds))).toEqual([]);
    }
    for (const id of ids) expect(catalog.models.map((one) => one.id)).toContain(id);
  });

  it('has the figures of the page on requirements', () => {
    const figures = hardware.modelHost.map((row) => [row.id, row.minimum, row.recommended]);
    expect(figures).toEqual([
      ['cpu-cores', 8, 16],
      ['cpu-threads', 16, null],
      ['memory-total', 32e9, 64e9],
    ]);
    expect(hardware.gpu.map((row) => [row.id, row.gpus, row.minimumVramBytes])).toEqual([
      ['size-7b-beta', '1x NVIDIA A100 40 GB', 24e9],
      ['size-22b-beta', '2x NVIDIA A100 80 GB', 90e9],
      ['size-7b', '1x NVIDIA A100 40 GB', 35e9],
      ['size-22b', '2x NVIDIA A100 80 GB', 110e9],
      ['mixtral-8x7b', '2x NVIDIA A100 80 GB', 220e9],
      ['mixtral-8x22b', '8x NVIDIA A100 80 GB', 526e9],
      ['gpt-oss-120b', '1x H100 80 GB, or 2x A100 40 GB, or 2x L40S or A6000 Ada 48 GB', null],
    ]);
    expect(hardware.gatewaySizing.map((row) => [row.id, row.vcpu, row.memoryBytes, row.concurrentRequests])).toEqual([
      ['small', 2, 8e9, 40],
      ['medium', 8, 32e9, 160],
      ['large', 8, 32e9, 160],
    ]);
  });

  it("has GitLab's table of throughput", () => {
    const measured = hardware.throughput.map(({ machine, model, measured: rows }) => [
      machine,
      model,
      rows.map((row) => [row.requests, row.secondsPerRequest, row.tokensPerSecondPerRequest, row.tokensPerSecond]),
    ]);
    expect(measured).toEqual([
      [
        'a2-highgpu-2g',
        'Mistral-7B-Instruct-v0.3',
        [
          [1, 7.09, 101.19, 101.17],
          [10, 8.41, 90.35, 557.8],
          [100, 13.97, 49.17, 3331.59],
        ],
      ],
      [
        'a2-ultragpu-4g',
        'Mistral-7B-Instruct-v0.3',
        [
          [1, 3.8, 131.25, 131.23],
          [10, 6, 122.85, 904.22],
          [100, 11.71, 59.06, 4477.34],
        ],
      ],
      [
        'a2-ultragpu-4g',
        'Mixtral-8x7B-Instruct-v0.1',
        [
          [1, 6.5, 61.55, 61.53],
          [10, 16.58, 40.33, 236.13],
          [100, 25.9, 26.87, 1380.68],
        ],
      ],
      [
        'a2-ultragpu-8g',
        'Mistral-7B-Instruct-v0.3',
        [
          [1, 3.23, 148.41, 148.36],
          [10, 4.95, 135.98, 989.11],
          [100, 10.14, 69.63, 5108.75],
        ],
      ],
      [
        'a2-ultragpu-8g',
        'Mixtral-8x7B-Instruct-v0.1',
        [
          [1, 6.08, 116.69, 116.64],
          [10, 9.95, 63.68, 481.06],
          [100, 13.83, 41.8, 2869.12],
        ],
      ],
      [
        'a2-ultragpu-8g',
        'Mixtral-8x22B-Instruct-v0.1',
        [
          [1, 14.39, 57.56, 57.55],
          [10, 20.57, 30.24, 224.71],
          [100, 27.58, 21.34, 1609.85],
        ],
      ],
    ]);
  });
});

describe('pageFor', () => {
  it('refuses versions before self-hosted models', () => {
    expect(() => pageFor(catalog, '16.11')).toThrow(
      expect.objectContaining({ code: 'catalog.version-too-old', exitCode: 3 }),
    );
  });
});

describe('modelsOf', () => {
  const list = (version: string | undefined, ...features: (typeof modelFeature.options)[number][]) =>
    modelsOf(catalog, pageFor(catalog, version), features).map(modelAnswerOf);
  const words = (version: string, id: string) => list(version).find((one) => one.id === id)?.features;

  it("answers in the page's own words", () => {
    expect(words('17.4', 'codestral-22b-v0.1')).toEqual({
      codeCompletion: 'Yes',
      codeGeneration: 'Yes',
      chat: 'No',
      agentPlatform: null,
    });
    expect(words('17.9', 'codestral-22b-v0.1')).toMatchObject({ codeCompletion: 'Fully compatible' });
    expect(words('18.0', 'codestral-22b-v0.1')).toMatchObject({ chat: 'Not applicable' });
    expect(words('19.2', 'codestral-22b-v0.1')).toMatchObject({
      chat: 'Partial functionality',
      agentPlatform: 'Limited functionality',
    });
  });

  it('follows a model through the versions', () => {
    expect(words('17.8', 'mistral-7b-instruct-v0.3')).toMatchObject({ codeCompletion: 'Yes' });
    expect(words('17.9', 'mistral-7b-instruct-v0.3')).toMatchObject({ codeCompletion: 'Fully compatible' });
    expect(words('17.10', 'mistral-7b-instruct-v0.3')).toMatchObject({ codeCompletion: 'Largely compatible' });
    expect(words('19.2', 'mistral-7b-instruct-v0.3')).toBeUndefined();
    expect(words('17.9', 'llama-3-8b')).toBeUndefined();
    expect(words('17.10', 'llama-3-8b')).toMatchObject({ chat: 'Yes' });
    expect(words('18.0', 'llama-3-8b')).toMatchObject({ chat: 'Not compatible' });
  });

  it('leaves out models without the requested features', () => {
    expect(list('19.2', 'agentPlatform').map((one) => one.id)).toContain('devstral-2-123b');
    expect(list('19.2', 'agentPlatform').map((one) => one.id)).not.toContain('gpt-oss-120b');
    expect(list('18.0', 'chat', 'codeCompletion').map((one) => one.id)).not.toContain('codestral-22b-v0.1');
  });

  it('keeps all of a page that does not mention features', () => expect(list('17.1', 'chat')).toHaveLength(6));

  it('says which page answers, what the next one has, and what it does not mention', () => {
    const between = notesFor(catalog, pageFor(catalog, '18.8'), ['agentPlatform']);
    expect(between[0]).toBe(
      'The catalog has no page for GitLab 18.8. This list uses the nearest one, for 18.9 (1 release later; the page for 18.5–18.6 is 2 releases earlier).',
    );
    const before = notesFor(catalog, pageFor(catalog, '18.2'), ['agentPlatform']);
    expect(before[0]).toContain('for 18.0–18.1 (1 release earlier');
    expect(before[1]).toContain('The page for 18.3–18.4 also lists: ');
    expect(before.at(-1)).toContain('agentPlatform');
    expect(notesFor(catalog, pageFor(catalog, '18.0'), [])).toEqual([]);
  });

  it.each([
    ['18.2', /Mistral 7B-it v0\.3.*deprecated/, false],
    [
      '18.3',
      /^Mistral 7B-it v0\.3, .*Mixtral 8x22B-it v0\.1: deprecated from GitLab 18\.5\. .*Mistral Small 24B/,
      true,
    ],
    ['18.9', /Mistral 7B-it v0\.3.*deprecated/, false],
    ['19.2', /Devstral/, false],
    ['19.3', /^Devstral 2 123B: deprecated from GitLab 19\.3\. .*Mistral Medium 3\.5/, true],
    ['19.5', /^Devstral 2 123B: deprecated/, true],
    [undefined, /^Devstral 2 123B: deprecated/, true],
  ])('says for GitLab %s which listed models are deprecated', (version, words, isSaid) => {
    const notes = notesFor(catalog, pageFor(catalog, version), []);
    expect(notes.some((one) => words.test(one))).toBe(isSaid);
  });
});
