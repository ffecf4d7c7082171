import { appError } from '../../../shared/errors/app-error.ts';
import { catalogueFeature, featureLabels } from '../../../shared/feature-labels.ts';
import { type ModelSite, modelSites } from '../../../shared/model-sites.ts';
import type { SiteFile } from '../../../shared/site-file.ts';
import { compareVersions } from './gitlab-version.ts';
import { levelOf } from './list-models.ts';
import type { CatalogModel, ModelCatalog } from './model-catalog.ts';
import { pageFor, releasesTo } from './page-for-version.ts';

type Row = CatalogModel['support'][number];

/** Before this version, GitLab knew a model by its family alone (gitlab.md 12.1). */
const firstWithIdentifiers = '17.5';

/**
 * Throws `gitlab.unfit-model`, with GitLab's rows, when GitLab's page for that version says that a model of the site is not for one of its
 * features. A model is known by its name, its served name or its row in the site file, and below GitLab 17.5 by its family. Where
 * several rows match, all of them must say so. Limited functionality, other models and versions without a page pass.
 */
export function refuseUnfit(catalog: ModelCatalog, site: SiteFile, version: string = site.gitlab.version): void {
  for (const one of modelSites(site)) refuseOne(catalog, one, version);
}

function refuseOne(catalog: ModelCatalog, site: ModelSite, version: string): void {
  if (compareVersions(version, catalog.pages[0]?.first ?? version) < 0) return;
  const { page } = pageFor(catalog, version);
  if (releasesTo(page, version) > 0) return;
  const listed = catalog.models.flatMap((model) =>
    model.support.filter((row) => row.page === page.id).map((row) => ({ model, row })),
  );
  const named = listed.filter(({ model, row }) => namesOf(model, row.name).some((one) => siteNames(site).has(one)));
  const isByFamily = named.length === 0 && compareVersions(version, firstWithIdentifiers) < 0;
  const rows = (isByFamily ? listed.filter(({ row }) => isOfFamily(row, site)) : named).map(({ row }) => row);
  const unfit = site.features.filter((feature) => {
    const column = catalogueFeature[feature];
    return rows.length > 0 && rows.every((row) => row[column] !== null && levelOf(catalog, row, column) === 'none');
  });
  if (unfit.length === 0) return;
  const wordsOf = (row: Row) =>
    page.columns.map((column) => `${featureLabels[column]} ${row[column] ?? '–'}`).join(', ');
  throw appError('gitlab.unfit-model', {
    version,
    features: unfit,
    row: rows.map((row) => `${row.name}: ${wordsOf(row)}`).join('; '),
    source: catalog.sources[page.source] ?? page.source,
  });
}

function siteNames({ model }: ModelSite): Set<string> {
  const names = [model.name, model.servedName, ...(model.vllm?.catalogId ? [model.vllm.catalogId] : [])].map(slugOf);
  return new Set(names.flatMap((name) => [name, name.replace(quantized, '')]));
}

const quantized = /-(awq|gptq|fp8|nvfp4|mxfp4|int[48]|bf16|gguf|w4a16|i?q\d.*)$/;

function isOfFamily(row: Row, { model }: ModelSite): boolean {
  return `${slugOf(row.name)}-`.startsWith(`${slugOf(model.family)}-`);
}

function namesOf({ id, hfRepo }: CatalogModel, rowName: string): string[] {
  return [id, hfRepo?.split('/').at(-1) ?? id, rowName].map(slugOf);
}

function slugOf(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
}
