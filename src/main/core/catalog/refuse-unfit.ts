import { appError } from '../../../shared/errors/app-error.ts';
import { catalogueFeature, featureLabels } from '../../../shared/feature-labels.ts';
import type { SiteFile } from '../../../shared/site-file.ts';
import { compareVersions } from './gitlab-version.ts';
import { levelOf } from './list-models.ts';
import type { CatalogModel, ModelCatalog } from './model-catalog.ts';
import { pageFor, releasesTo } from './page-for-version.ts';

/**
 * Throws `gitlab.unfit-model`, with GitLab's row, when GitLab's page for that version says that the site's model is not for one of the
 * site's features. A model is known by its name in the site file; limited functionality, other models and versions without a page pass.
 */
export function refuseUnfit(catalog: ModelCatalog, site: SiteFile, version: string = site.gitlab.version): void {
  if (compareVersions(version, catalog.pages[0]?.first ?? version) < 0) return;
  const { page } = pageFor(catalog, version);
  if (releasesTo(page, version) > 0) return;
  for (const model of catalog.models) {
    const row = model.support.find((one) => one.page === page.id);
    if (!row || !namesOf(model, row.name).includes(slugOf(site.model.name))) continue;
    const unfit = site.features.filter((feature) => {
      const column = catalogueFeature[feature];
      return row[column] !== null && levelOf(catalog, row, column) === 'none';
    });
    if (unfit.length === 0) continue;
    const words = page.columns.map((column) => `${featureLabels[column]} ${row[column] ?? '–'}`).join(', ');
    throw appError('gitlab.unfit-model', {
      version,
      features: unfit,
      row: `${row.name}: ${words}`,
      source: catalog.sources[page.source] ?? page.source,
    });
  }
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
