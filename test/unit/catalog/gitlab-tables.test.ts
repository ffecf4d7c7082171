import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadModelCatalog } from '../../../src/main/core/catalog/load-model-catalog.ts';
import { modelsHandlers } from '../../../src/main/core/catalog/models-handlers.ts';
import type { CorePorts } from '../../../src/main/core/ports.ts';
import type { ModelAnswer, ModelFeature } from '../../../src/shared/contract/models.ts';
import { type PrintedRow, printedPages } from '../../scenes/gitlab-tables.ts';

const handlers = modelsHandlers({ resources: resolve('resources') } as CorePorts);
const list = (gitlab?: string, features: ModelFeature[] = []) =>
  handlers.list({ features, fitHere: false, ...(gitlab !== undefined && { gitlab }) }, {} as never);

const pages = printedPages();

/** For each version of GitLab since 17.1 the page that answers, whether that is certain, and what the first note says. */
const versions: [version: string, page: string, isCertain: boolean, note?: RegExp][] = [
  ['17.1', '17.1', true],
  [
    '17.2',
    '17.1',
    false,
    /no page for GitLab 17\.2\. .* for 17\.1 \(1 release earlier; .* 17\.3–17\.4 is 1 release later\)/,
  ],
  ['17.3', '17.3', true],
  [
    '17.4',
    '17.4',
    false,
    /Two pages cover GitLab 17\.4.* for 17\.4–17\.5; the other is for 17\.3–17\.4\. They differ on: CodeGemma 7b-it, /,
  ],
  ['17.5', '17.4', true],
  ['17.6', '17.6', true],
  ['17.7', '17.6', false, /nearest one, for 17\.6 \(1 release earlier; the page for 17\.8 is 1 release later\)/],
  ['17.8', '17.8', true],
  ['17.9', '17.9', true],
  ['17.10', '17.10', true],
  ['17.11', '17.10', false, /nearest one, for 17\.10 /],
  ['18.0', '18.0', true],
  ['18.1', '18.0', true],
  ['18.2', '18.0', false, /nearest one, for 18\.0–18\.1/],
  ['18.3', '18.3', false, /does not state its version/],
  ['18.4', '18.3', false, /does not state its version/],
  ['18.5', '18.5', false, /does not state its version/],
  ['18.6', '18.5', false, /does not state its version/],
  ['18.7', '18.5', false, /nearest one, for 18\.5–18\.6/],
  ['18.8', '18.9', false, /nearest one, for 18\.9/],
  ['18.9', '18.9', false, /does not state its version\. It was determined to be 18\.9/],
  ['18.10', '18.9', false, /nearest one, for 18\.9/],
  ['18.11', '18.11', false, /does not state its version\. It was determined to be 18\.11–19\.0/],
  ['19.0', '18.11', false, /does not state its version/],
  ['19.1', '19.1', true],
  ['19.2', '19.1', true],
  ['19.3', '19.1', false, /nearest one, for 19\.1–19\.2 \(1 release earlier\)/],
];

const hostingOf = (repository: string | null) => (repository === 'cloud' ? 'cloud' : 'self-hosted');

/** What the answer has in the cells that the page prints. */
function cellsOf(
  { name, family, familyEnum, hosting, hfRepo, support, features, note }: ModelAnswer,
  page: PrintedRow,
) {
  const isSaid = page.repository !== null || /repository/.test(note ?? '');
  return {
    name,
    family: page.family === null && family === familyEnum ? null : family,
    hosting,
    repository: page.repository === null && isSaid ? null : (hfRepo ?? (hosting === 'cloud' ? 'cloud' : 'any')),
    state: support,
    features,
  };
}

describe('sealift models says what the pages of GitLab print', () => {
  it.each(pages.map((page) => [page.id, page] as const))(
    'page of %s, cell by cell, for each of its versions',
    async (id, page) => {
      const own = versions.filter(([, answering]) => answering === id);
      expect(own.length).toBeGreaterThan(0);
      for (const [version] of own) {
        const { models, gitlab } = await list(version);
        expect([version, gitlab.source, gitlab.first]).toEqual([version, page.source, page.versions[0]]);
        for (const row of page.rows) {
          const answer = models.find((one) => one.name === row.name);
          expect([version, answer && cellsOf(answer, row)]).toEqual([
            version,
            { ...row, hosting: hostingOf(row.repository) },
          ]);
        }
        expect(models.map((one) => one.name).sort()).toEqual(page.rows.map((one) => one.name).sort());
      }
    },
  );

  it('has typed each page that the catalogue has', async () => {
    expect(pages.map((one) => one.id)).toEqual([...new Set(versions.map(([, page]) => page))]);
    const catalogue = await loadModelCatalog(resolve('resources'));
    expect(catalogue.pages.map((one) => one.id).sort()).toEqual(pages.map((one) => one.id).sort());
    expect(pages.flatMap((one) => one.versions)).toEqual(expect.arrayContaining(['17.1', '17.4', '19.2']));
  });

  it.each(versions)('answers %s by the page for %s (certain: %s)', async (version, id, isCertain, note) => {
    const { gitlab, notes } = await list(version);
    expect(gitlab).toMatchObject({ asked: version, first: id, isExact: isCertain });
    if (note) expect(notes[0]).toMatch(note);
    else expect(notes.join()).not.toMatch(/nearest|judged|Two pages/);
  });

  it('answers by the newest page when no version is asked for', async () => {
    const { gitlab, models } = await list();
    const newest = pages.at(-1);
    expect(gitlab).toMatchObject({ asked: null, first: newest?.id, isExact: true });
    expect(models).toHaveLength(newest?.rows.length ?? 0);
  });

  it.each(pages.map((page) => [page.id, page] as const))(
    'filters the page for %s by its own words',
    async (_id, page) => {
      const can = new Set([
        'Yes',
        'Fully compatible',
        'Largely compatible',
        'Full functionality',
        'Partial functionality',
        // What the page for 17.10 calls "Largely compatible".
        'Limited compatibility',
        'Compatible',
        'Beta',
      ]);
      const version = versions.find(([, answering]) => answering === page.id)?.[0];
      for (const feature of ['codeCompletion', 'codeGeneration', 'chat', 'agentPlatform'] as const) {
        const wanted = page.rows.filter((row) => page.id === '17.1' || can.has(row.features[feature] ?? ''));
        const { models } = await list(version, [feature]);
        expect([feature, models.map((one) => one.name).sort()]).toEqual([
          feature,
          wanted.map((one) => one.name).sort(),
        ]);
      }
    },
  );
});
