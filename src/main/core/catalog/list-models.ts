import {
  type ModelAnswer,
  type ModelFeature,
  type ModelHosting,
  modelFeature,
} from '../../../shared/contract/models.ts';
import type { KnownNumbers } from '../../../shared/estimate/architecture.ts';
import type { ModelSize } from '../../../shared/estimate/model-size.ts';
import { type ChosenPage, order, releasesTo } from './gitlab-version.ts';
import type { CatalogModel, CatalogPage, ModelCatalog, SupportLevel, SupportRow } from './model-catalog.ts';

/** A model with the row of the page that answers. */
export interface PageModel {
  model: CatalogModel;
  row: SupportRow;
}

/**
 * The models that a page names, that run there and that can do all of these features; a page without columns names all it has. A model
 * of which the page does not say where it runs is the operator's choice and counts as self-hosted.
 */
export function modelsOf(
  catalog: ModelCatalog,
  { page }: ChosenPage,
  features: readonly ModelFeature[],
  hosting?: ModelHosting,
): PageModel[] {
  return catalog.models.flatMap((model) => {
    const row = model.support.find((one) => one.page === page.id);
    if (!row || (hosting !== undefined && model.hosting !== hosting)) return [];
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
    size: sizeOf(model),
    ...servingOf(model),
    ...(row.note !== undefined && { note: row.note }),
  };
}

function servingOf({ weights, licence, chatTemplate, vllm, gguf }: CatalogModel) {
  return {
    ...(weights && { weights }),
    ...(licence && { licence }),
    ...(chatTemplate && { chatTemplate }),
    ...(vllm && { vllm }),
    gguf,
  };
}

/** What the catalogue knows of a model's size. The weights of models that see hold that part: it is not added. */
export function sizeOf({ name, parameters, weights, architecture }: CatalogModel): ModelSize {
  return {
    name,
    ...(parameters && { parameters: parameters.count }),
    ...(weights && {
      weights: {
        bytes: weights.bytes,
        quantization: weights.precision,
        origin: weights.basis === 'derived' ? ('counted' as const) : weights.basis,
      },
    }),
    architecture: architecture ? shapeOf(architecture) : {},
    isDerived: false,
  };
}

/** The numbers that an estimate takes. */
function shapeOf(architecture: NonNullable<CatalogModel['architecture']>): KnownNumbers {
  const { source: _source, activeExperts: _active, kvLoraRank, ropeHeadDim, ...shape } = architecture;
  return {
    ...shape,
    ...(kvLoraRank !== undefined && { latentDim: kvLoraRank + (ropeHeadDim ?? 0) }),
  };
}

/** What must be said beside the list: which page answers, and what it leaves open. */
export function notesFor(catalog: ModelCatalog, chosen: ChosenPage, features: readonly ModelFeature[]): string[] {
  const { page, asked } = chosen;
  const notes = asked === null ? [] : doubtsAbout(catalog, chosen, asked);
  if (page.note) notes.push(page.note);
  const unsaid = features.filter((feature) => !page.columns.includes(feature));
  if (unsaid.length > 0 && page.columns.length > 0)
    notes.push(`The page of ${spanOf(page)} does not speak of: ${unsaid.join(', ')}.`);
  return notes;
}

/** What is not certain about a page as the answer for a version. */
function doubtsAbout(catalog: ModelCatalog, { page, others }: ChosenPage, asked: string): string[] {
  const notes = releasesTo(page, asked) > 0 ? nearestNotes(catalog, page, asked) : [];
  for (const other of others) {
    const text = `Two pages speak of GitLab ${asked}. Answered by the later one, of ${spanOf(page)}; the other one is of ${spanOf(other)}`;
    notes.push(
      `${text}. They differ about: ${differing(catalog, page, other).join(', ') || 'nothing that both name'}.`,
    );
  }
  if (page.judgedBy !== undefined)
    notes.push(`The page does not state its version; ${spanOf(page)} was judged: ${page.judgedBy}.`);
  return notes;
}

/** The models that both pages name and do not say the same of. */
function differing(catalog: ModelCatalog, page: CatalogPage, other: CatalogPage): string[] {
  return catalog.models.flatMap(({ support }) => {
    const [here, there] = [page, other].map(({ id }) => support.find((one) => one.page === id));
    if (!here || !there) return [];
    const isSame = (['state', ...modelFeature.options] as const).every((key) => here[key] === there[key]);
    return isSame ? [] : [here.name];
  });
}

/** Why this page answers for a version that none of them speaks of, and what the neighbour on the other side names besides. */
function nearestNotes(catalog: ModelCatalog, page: CatalogPage, asked: string): string[] {
  const pages = [...catalog.pages].sort((a, b) => order(a.first) - order(b.first));
  const isLater = order(page.first) > order(asked);
  const other = pages[pages.indexOf(page) + (isLater ? -1 : 1)];
  const away = (one: CatalogPage) => {
    const count = releasesTo(one, asked);
    return `${count} release${count === 1 ? '' : 's'} ${order(one.first) > order(asked) ? 'later' : 'earlier'}`;
  };
  const rival = other ? `; the page of ${spanOf(other)} is ${away(other)}` : '';
  const notes = [
    `No page of GitLab ${asked} was read. Answered by the nearest one, of ${spanOf(page)} (${away(page)}${rival}).`,
  ];
  if (!other) return notes;
  const named = (here: CatalogPage, there: CatalogPage) =>
    catalog.models.filter((one) => isOn(one, here.id) && !isOn(one, there.id) && one.hosting === 'self-hosted');
  const alone = isLater ? named(page, other) : named(other, page);
  const words = isLater
    ? `Named since ${spanOf(page)} only, so look for its family in the Admin area of your GitLab first`
    : `The page of ${spanOf(other)} also names`;
  return alone.length > 0 ? [...notes, `${words}: ${alone.map((one) => one.name).join(', ')}.`] : notes;
}

function spanOf({ first, last }: CatalogPage): string {
  return first === last ? first : `${first}–${last}`;
}

function isOn(model: CatalogModel, pageId: string): boolean {
  return model.support.some((one) => one.page === pageId);
}
