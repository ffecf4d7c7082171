import { modelFeature } from '../../../../shared/contract/models.ts';
import type { UpgradePlan } from '../../../../shared/contract/upgrade-plan.ts';
import { levelOf, modelsOf } from '../../catalog/list-models.ts';
import type { CatalogModel, ModelCatalog, SupportRow } from '../../catalog/model-catalog.ts';
import type { ChosenPage } from '../../catalog/page-for-version.ts';

type ModelChange = UpgradePlan['models'][number];
type FeatureChange = ModelChange['features'][number];

/** The pages of two GitLab versions. */
export interface Pages {
  catalog: ModelCatalog;
  before: ChosenPage;
  after: ChosenPage;
}

/** Returns the catalogue's model that a bundle brought under this name: its id, or that with a quantization, as packing by needs names it. */
export function modelNamed(catalog: ModelCatalog, name: string): CatalogModel | undefined {
  return catalog.models.find(({ id, gguf }) => id === name || gguf.some((one) => `${id}-${one.quantization}` === name));
}

/** Returns how GitLab's support of a site's model changes between two versions. */
export function modelChange(pages: Pages, name: string): ModelChange {
  const model = modelNamed(pages.catalog, name);
  if (!model) return { name, change: 'unknown', features: [] };
  const [before, after] = [pages.before, pages.after].map((one) => rowOn(model, one));
  const listedAs = (after ?? before)?.name;
  const listed = { name, ...(listedAs !== undefined && { listedAs }) };
  if (!before || !after) {
    const change = before ? 'gone' : after ? 'new' : 'unlisted';
    return { ...listed, change, features: [] };
  }
  const features = modelFeature.options.flatMap((feature) => featureChange(pages, { before, after }, feature) ?? []);
  const has = (change: FeatureChange['change']) => features.some((one) => one.change === change);
  const change = has('lost') ? 'lost' : has('gained') ? 'gained' : has('changed') ? 'changed' : 'same';
  return { ...listed, change, features };
}

/** Returns the names of the self-hosted models that only the later page lists. */
export function newModels({ catalog, before, after }: Pages): string[] {
  return modelsOf(catalog, after, [], 'self-hosted')
    .filter(({ model }) => !rowOn(model, before))
    .map(({ row }) => row.name);
}

/** Returns what a page says about a model; undefined where it does not list it. */
export function rowOn(model: CatalogModel, { page }: ChosenPage): SupportRow | undefined {
  return model.support.find((one) => one.page === page.id);
}

/** Undefined where nothing changes. A page that has no column for a feature says nothing about it. */
function featureChange(
  { catalog, before, after }: Pages,
  rows: Record<'before' | 'after', SupportRow>,
  feature: FeatureChange['feature'],
): FeatureChange | undefined {
  const [was, is] = [rows.before[feature], rows.after[feature]];
  if (was === is) return undefined;
  const changed = { feature, before: was, after: is };
  const isSaid = [before, after].every(({ page }) => page.columns.includes(feature));
  if (!isSaid) return { ...changed, change: 'unknown' };
  const [had, has] = [rows.before, rows.after].map(
    (row) => !['limited', 'none'].includes(levelOf(catalog, row, feature)),
  );
  return { ...changed, change: had === has ? 'changed' : has ? 'gained' : 'lost' };
}
