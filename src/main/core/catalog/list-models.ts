import {
  type ModelAnswer,
  type ModelFeature,
  type ModelHosting,
  modelFeature,
} from '../../../shared/contract/models.ts';
import type { KnownNumbers } from '../../../shared/estimate/architecture.ts';
import type { ModelSize } from '../../../shared/estimate/model-size.ts';
import { compareVersions } from './gitlab-version.ts';
import type { CatalogModel, CatalogPage, ModelCatalog, SupportLevel, SupportRow } from './model-catalog.ts';
import { type ChosenPage, releasesTo } from './page-for-version.ts';

/** A model with its row on the answering page. */
export interface PageModel {
  model: CatalogModel;
  row: SupportRow;
}

/**
 * Returns the models on a page that have this hosting and support all of these features. A page without columns excludes none. If the page
 * does not say where a model runs, the operator chooses, and the model counts as self-hosted.
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
    const can = (feature: ModelFeature) =>
      page.columns.length === 0 || !['limited', 'none'].includes(levelOf(catalog, row, feature));
    return features.every(can) ? [{ model, row }] : [];
  });
}

/** Returns the meaning of the row's word for a feature; a feature without a word counts as `none`. */
export function levelOf(catalog: ModelCatalog, row: SupportRow, feature: ModelFeature): SupportLevel {
  const word = row[feature];
  return word === null ? 'none' : (catalog.words[word] ?? 'none');
}

/** Returns the model as the contract shows it, without a verdict. */
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

function servingOf({ weights, licence, chatTemplate, vllm, leaveOut, gguf }: CatalogModel) {
  return {
    ...(weights && { weights }),
    ...(licence && { licence }),
    ...(chatTemplate && { chatTemplate }),
    ...(vllm && { vllm }),
    ...(leaveOut && { leaveOut }),
    gguf,
  };
}

/** Returns the model's size as far as the catalog has it. The weights of vision models include the vision part. */
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
  };
}

/** Returns the numbers that an estimate needs. */
function shapeOf(architecture: NonNullable<CatalogModel['architecture']>): KnownNumbers {
  const { source: _source, activeExperts: _active, kvLoraRank, ropeHeadDim, ...shape } = architecture;
  return {
    ...shape,
    ...(kvLoraRank !== undefined && { latentDim: kvLoraRank + (ropeHeadDim ?? 0) }),
  };
}

/** Returns the notes for a list of models: which page answers, and what is uncertain about it. */
export function notesFor(catalog: ModelCatalog, chosen: ChosenPage, features: readonly ModelFeature[]): string[] {
  const { page, asked } = chosen;
  const notes = [...(asked === null ? [] : doubtsAbout(catalog, chosen, asked)), ...deprecationNotes(catalog, chosen)];
  if (page.note) notes.push(page.note);
  const unsaid = features.filter((feature) => !page.columns.includes(feature));
  if (unsaid.length > 0 && page.columns.length > 0)
    notes.push(`The page for GitLab ${spanOf(page)} does not mention: ${unsaid.join(', ')}.`);
  return notes;
}

/** Returns which models of the page GitLab deprecates in the version that was asked for, and what it names instead. */
function deprecationNotes({ deprecations, models }: ModelCatalog, { page, asked }: ChosenPage): string[] {
  return deprecations.flatMap(({ from, models: ids, text }) => {
    const isSaid = asked === null || compareVersions(asked, from) >= 0;
    const names = ids.flatMap((id) => {
      const row = models.find((one) => one.id === id)?.support.find((one) => one.page === page.id);
      return row ? [row.name] : [];
    });
    return isSaid && names.length > 0 ? [`${names.join(', ')}: ${text}.`] : [];
  });
}

/** Returns what is uncertain about a page as the answer for a version. */
function doubtsAbout(catalog: ModelCatalog, { page, others }: ChosenPage, asked: string): string[] {
  const notes = releasesTo(page, asked) > 0 ? nearestNotes(catalog, page, asked) : [];
  for (const other of others) {
    const text = `Two pages cover GitLab ${asked}. This list uses the later one, for ${spanOf(page)}; the other is for ${spanOf(other)}`;
    notes.push(`${text}. They differ on: ${differing(catalog, page, other).join(', ') || 'no model that is on both'}.`);
  }
  if (page.judgedBy !== undefined)
    notes.push(`The page does not state its version. It was determined to be ${spanOf(page)}: ${page.judgedBy}.`);
  return notes;
}

/** Returns the names of the models that are on both pages with different words. */
function differing(catalog: ModelCatalog, page: CatalogPage, other: CatalogPage): string[] {
  return catalog.models.flatMap(({ support }) => {
    const [here, there] = [page, other].map(({ id }) => support.find((one) => one.page === id));
    if (!here || !there) return [];
    const isSame = (['state', ...modelFeature.options] as const).every((key) => here[key] === there[key]);
    return isSame ? [] : [here.name];
  });
}

/** Returns why this page answers for a version that no page covers, and which models the next page on the other side adds. */
function nearestNotes(catalog: ModelCatalog, page: CatalogPage, asked: string): string[] {
  const pages = [...catalog.pages].sort((a, b) => compareVersions(a.first, b.first));
  const isLater = compareVersions(page.first, asked) > 0;
  const other = pages[pages.indexOf(page) + (isLater ? -1 : 1)];
  const away = (one: CatalogPage) => {
    const count = releasesTo(one, asked);
    return `${count} release${count === 1 ? '' : 's'} ${compareVersions(one.first, asked) > 0 ? 'later' : 'earlier'}`;
  };
  const rival = other ? `; the page for ${spanOf(other)} is ${away(other)}` : '';
  const notes = [
    `The catalog has no page for GitLab ${asked}. This list uses the nearest one, for ${spanOf(page)} (${away(page)}${rival}).`,
  ];
  if (!other) return notes;
  const named = (here: CatalogPage, there: CatalogPage) =>
    catalog.models.filter((one) => isOn(one, here.id) && !isOn(one, there.id) && one.hosting === 'self-hosted');
  const alone = isLater ? named(page, other) : named(other, page);
  const words = isLater
    ? `Listed only since ${spanOf(page)}, so first check that the Admin area of your GitLab offers the model family`
    : `The page for ${spanOf(other)} also lists`;
  return alone.length > 0 ? [...notes, `${words}: ${alone.map((one) => one.name).join(', ')}.`] : notes;
}

function spanOf({ first, last }: CatalogPage): string {
  return first === last ? first : `${first}–${last}`;
}

function isOn(model: CatalogModel, pageId: string): boolean {
  return model.support.some((one) => one.page === pageId);
}
