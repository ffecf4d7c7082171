import { resolve } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { order, pageFor, parseGitlabVersion } from '../../../src/main/core/catalog/gitlab-version.ts';
import type { HardwareCatalog } from '../../../src/main/core/catalog/hardware-catalog.ts';
import { modelAnswerOf, modelsOf, notesFor } from '../../../src/main/core/catalog/list-models.ts';
import { loadHardwareCatalog, loadModelCatalog } from '../../../src/main/core/catalog/load-catalog.ts';
import type { ModelCatalog } from '../../../src/main/core/catalog/model-catalog.ts';
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

  it('has pages that do not overlap, and one row a model and page', () => {
    const pages = [...catalog.pages].sort((a, b) => order(a.first) - order(b.first));
    for (const [index, page] of pages.entries()) {
      expect(order(page.first)).toBeLessThanOrEqual(order(page.last));
      const next = pages[index + 1];
      if (next) expect(order(page.last)).toBeLessThan(order(next.first));
    }
    for (const model of catalog.models) expect(repeated(model.support.map((row) => row.page))).toEqual([]);
  });

  it('gives each row the source of its page, and explains each source', () => {
    for (const { id, support } of catalog.models) {
      for (const row of support) {
        const page = catalog.pages.find((one) => one.id === row.page);
        expect([id, row.source]).toEqual([id, page?.source]);
        expect(catalog.sources[row.source]).toBeTruthy();
      }
    }
  });

  it('knows what each word means, and gives words only for features that the page speaks of', () => {
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

  it.each([
    ['17.1', 6],
    ['17.3', 9],
    ['17.4', 20],
    ['17.8', 15],
    ['17.9', 21],
    ['18.0', 21],
    ['19.1', 37],
  ])('has all rows of the page of %s: %i', (page, count) => {
    expect(catalog.models.filter((one) => one.support.some((row) => row.page === page))).toHaveLength(count);
  });

  it('marks derived weights by their formula, and the formula holds', () => {
    for (const { id, weights, parameters } of catalog.models) {
      if (!weights?.derived) continue;
      const bytes = Number(/x (\d) byte/.exec(weights.formula ?? '')?.[1]);
      expect([id, weights.bytes]).toEqual([id, (parameters?.count ?? 0) * bytes]);
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

  it('names models that the catalogue has, each in one row', () => {
    const ids = hardware.gpu.flatMap((row) => row.modelIds);
    expect(repeated(ids)).toEqual([]);
    for (const id of ids) expect(catalog.models.map((one) => one.id)).toContain(id);
  });

  it("has GitLab's table of throughput", () => {
    expect(hardware.throughput.flatMap((row) => row.measured)).toHaveLength(18);
  });
});

describe('pageFor', () => {
  it.each([
    ['17.1', '17.1', true],
    ['17.2.4', '17.1', false],
    ['17.3', '17.3', true],
    ['17.4', '17.4', true],
    ['v17.5.1-ee', '17.4', true],
    ['17.6', '17.4', false],
    ['17.7', '17.8', false],
    ['17.8', '17.8', true],
    ['17.10', '17.9', true],
    ['17.11', '17.9', false],
    ['18.1', '18.0', true],
    ['18.2', '18.0', false],
    ['18.7', '18.0', false],
    ['18.9', '19.1', false],
    ['19.0', '19.1', false],
    ['19.2', '19.1', true],
    ['20.0', '19.1', false],
  ])('answers %s by the page of %s (exact: %s)', (version, page, isExact) => {
    expect(pageFor(catalog, version)).toMatchObject({ page: { id: page }, isExact });
  });

  it('answers by the newest page when no version is asked for', () => {
    expect(pageFor(catalog, undefined)).toMatchObject({ page: { id: '19.1' }, asked: null, isExact: true });
  });

  it('refuses versions before self-hosted models', () => {
    expect(() => pageFor(catalog, '16.11')).toThrow(
      expect.objectContaining({ code: 'catalog.version-too-old', exitCode: 3 }),
    );
  });

  it.each(
    ['', '18', '18.x', '18.9; rm -rf /', '18.9.1.1', '-1.2', '1e3.1', '18.9\n', `18.${'9'.repeat(400)}`].filter(
      (text) => text !== '18.9\n',
    ),
  )('refuses %j', (text) => {
    expect(() => parseGitlabVersion(text)).toThrow(expect.objectContaining({ code: 'input.invalid', exitCode: 2 }));
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
    expect(words('17.8', 'codestral-22b-v0.1')).toMatchObject({ codeCompletion: 'Fully compatible', chat: 'N/A' });
    expect(words('18.0', 'codestral-22b-v0.1')).toMatchObject({ chat: 'Not applicable' });
    expect(words('19.2', 'codestral-22b-v0.1')).toMatchObject({
      chat: 'Partial functionality',
      agentPlatform: 'Limited functionality',
    });
  });

  it('follows a model through the versions', () => {
    expect(words('17.8', 'mistral-7b-instruct-v0.3')).toMatchObject({ codeCompletion: 'Fully compatible' });
    expect(words('17.9', 'mistral-7b-instruct-v0.3')).toMatchObject({ codeCompletion: 'Largely compatible' });
    expect(words('19.2', 'mistral-7b-instruct-v0.3')).toBeUndefined();
    expect(words('17.9', 'llama-3-8b')).toMatchObject({ chat: 'Yes' });
    expect(words('18.0', 'llama-3-8b')).toMatchObject({ chat: 'Not compatible' });
  });

  it('leaves out what cannot do the wanted features', () => {
    expect(list('19.2', 'agentPlatform').map((one) => one.id)).toContain('devstral-2-123b');
    expect(list('19.2', 'agentPlatform').map((one) => one.id)).not.toContain('gpt-oss-120b');
    expect(list('18.0', 'chat', 'codeCompletion').map((one) => one.id)).not.toContain('codestral-22b-v0.1');
  });

  it('keeps all of a page that does not speak of features', () => expect(list('17.1', 'chat')).toHaveLength(6));

  it('says which page answers, what the next one has, and what is not spoken of', () => {
    const between = notesFor(catalog, pageFor(catalog, '18.9'), ['agentPlatform']);
    expect(between[0]).toBe(
      'No page of GitLab 18.9 was read. Answered by the nearest one, of 19.1–19.2 (4 releases later; the page of 18.0–18.1 is 8 releases earlier).',
    );
    expect(between[1]).toContain('GPT-oss-120B');
    const before = notesFor(catalog, pageFor(catalog, '18.2'), ['agentPlatform']);
    expect(before[0]).toContain('of 18.0–18.1 (1 release earlier');
    expect(before[1]).toContain('The page of 19.1–19.2 also names: ');
    expect(before.at(-1)).toContain('agentPlatform');
    expect(notesFor(catalog, pageFor(catalog, '19.2'), [])).toEqual([]);
  });
});
