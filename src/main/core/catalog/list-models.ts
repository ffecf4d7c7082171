import type { ModelAnswer, ModelFeature } from '../../../shared/contract/models.ts';
import { type ChosenPage, order } from './gitlab-version.ts';
import type { CatalogModel, ModelCatalog, SupportLevel, SupportRow } from './model-catalog.ts';

/** A model with the row of the page that answers. */
export interface PageModel {
  model: CatalogModel;
  row: SupportRow;
}

/** The models that a page names and that can do all of these features; a page without columns names all it has. */
export function modelsOf(catalog: ModelCatalog, { page }: ChosenPage, features: readonly ModelFeature[]): PageModel[] {
  return catalog.models.flatMap((model) => {
    const row = model.support.find((one) => one.page === page.id);
    if (!row) return [];
    const can = (feature: ModelFeature) => page.columns.length === 0 || levelOf(catalog, row, feature) !== 'none';
    return features.every(can) ? [{ model, row }] : [];
  });
}

/** What the row's word for a feature means; a feature without a word cannot be counted on. */
export function levelOf(catalog: ModelCatalog, row: SupportRow, feature: ModelFeature): SupportLevel {
  const word = row[feature];
  return word === null ? 'none' : (catalog.words[word] ?? 'none');
}

/** The model as it is answered, without a verdict. */
export function modelAnswerOf({ model, row }: PageModel): ModelAnswer {
  const { codeCompletion, codeGeneration, chat, agentPlatform } = row;
  return {
    id: model.id,
    name: row.name,
    family: row.family ?? model.familyEnum,
    familyEnum: model.familyEnum,
    hfRepo: model.hfRepo,
    hosting: model.hosting,
    features: { codeCompletion, codeGeneration, chat, agentPlatform },
    support: row.state,
    source: row.source,
    ...(row.note !== undefined && { note: row.note }),
  };
}

/** What must be said beside the list: which page answers, and what it leaves open. */
export function notesFor(
  catalog: ModelCatalog,
  { page, asked, isExact }: ChosenPage,
  features: readonly ModelFeature[],
): string[] {
  const notes: string[] = [];
  const span = page.first === page.last ? page.first : `${page.first}–${page.last}`;
  const later = catalog.pages
    .filter((one) => order(one.first) > order(page.first))
    .sort((a, b) => order(a.first) - order(b.first))[0];
  if (!isExact) {
    notes.push(`No page of GitLab ${asked} was read: this is the nearest earlier one, of ${span}.`);
    if (later) {
      const news = catalog.models.filter(
        (one) => isOn(one, later.id) && !isOn(one, page.id) && one.hosting === 'self-hosted',
      );
      notes.push(`The next page read, of ${later.first}, also names: ${news.map((one) => one.name).join(', ')}.`);
    }
  }
  if (page.note) notes.push(page.note);
  const unsaid = features.filter((feature) => !page.columns.includes(feature));
  if (unsaid.length > 0 && page.columns.length > 0)
    notes.push(`The page of ${span} does not speak of: ${unsaid.join(', ')}.`);
  return notes;
}

function isOn(model: CatalogModel, pageId: string): boolean {
  return model.support.some((one) => one.page === pageId);
}
