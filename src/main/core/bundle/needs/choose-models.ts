import type { ModelFeature } from '../../../../shared/contract/models.ts';
import { doesFit } from '../../../../shared/estimate/estimate-memory.ts';
import { ggufPlan, type ModelPlan, plansOf } from '../../../../shared/estimate/plan-model.ts';
import { quantizations } from '../../../../shared/estimate/quantization.ts';
import { featureLabels } from '../../../../shared/feature-labels.ts';
import type { Machine } from '../../../../shared/machine.ts';
import { modelsOf, type PageModel, sizeOf } from '../../catalog/list-models.ts';
import type { CatalogModel } from '../../catalog/model-catalog.ts';
import { type JudgedPlan, rankPlans } from '../../catalog/rank-plans.ts';
import { modelSupport } from '../../catalog/support-tier.ts';
import { nearNames } from '../sources/near-names.ts';
import { contradiction, type NeedsQuestion } from './needs-question.ts';
import { refuseFeatures } from './refuse-features.ts';

/** A model that the site gets. */
export interface ChosenModel extends PageModel {
  /** The file to serve, for engines that need a GGUF. */
  gguf: CatalogModel['gguf'][number] | undefined;
  /** Sentences. */
  why: string[];
}

/**
 * Returns the models of a site: those that it names, else the best one that fits the machine, else the fewest that together serve all
 * features. Empty for a site with a model server of its own. Throws `needs.contradict` with each reason.
 */
export function chooseModels(question: NeedsQuestion): ChosenModel[] {
  const { site } = question;
  if (site.engine === 'none') {
    if (!site.models) return [];
    throw contradiction(
      ['The engine is none, so the site has a model server, but models are named too.'],
      'Remove models, or name the engine that serves them.',
    );
  }
  refuseFeatures(question);
  return site.models ? namedModels(question, site.models) : fittingModels(question);
}

function namedModels(question: NeedsQuestion, ids: string[]): ChosenModel[] {
  const { features, machine } = question;
  const named = ids.map((id) => onPage(question, id));
  const unserved = features.filter((feature) => !named.some((one) => canServe(question, one, [feature])));
  if (unserved.length > 0) {
    const words = named.map(({ row }) => `${row.name}: ${unserved.map((one) => wordOf(row, one)).join(', ')}`);
    throw contradiction(
      [`GitLab ${question.site.gitlab} doesn't offer these models for ${labels(unserved)} (${words.join('; ')}).`],
      `Name another model: sealift models --gitlab ${question.site.gitlab}`,
    );
  }
  return named.map((one) => {
    const why = ['Named in site.models.'];
    if (!machine) return { ...one, gguf: ggufOf(question, one.model), why: [...why, supportOf(question, one)] };
    const [best] = rank(question, machine, [one], features);
    if (!best) throw contradiction([noWay(question, one.model)], ...otherEngine(question));
    if (best.plan.estimate.verdict === 'does-not-fit') {
      const reason = `${one.row.name} doesn't fit the machine: ${best.plan.estimate.reason}`;
      throw contradiction([reason], 'Leave out models: Sealift then chooses one that fits.');
    }
    return taken(question, best, why);
  });
}

function onPage({ catalog, chosen, site }: NeedsQuestion, id: string): PageModel {
  const ids = catalog.models.map((one) => one.id);
  const model = catalog.models.find((one) => one.id === id);
  const list = `List the models: sealift models --gitlab ${site.gitlab}`;
  if (!model) throw contradiction([`No model has the id ${id}. Similar: ${nearNames(id, ids).join(', ')}.`], list);
  if (model.hosting === 'cloud')
    throw contradiction([`${model.name} is a cloud service: no bundle can bring it.`], list);
  const row = model.support.find((one) => one.page === chosen.page.id);
  if (row) return { model, row };
  throw contradiction([`GitLab's page for ${site.gitlab} doesn't list ${model.name}.`], list);
}

function fittingModels(question: NeedsQuestion): ChosenModel[] {
  const { machine, site, features } = question;
  if (machine) return covering(question, machine, features);
  throw contradiction(
    ['Which model fits depends on the machine, and neither a model nor a machine is named.'],
    'On that machine: sealift check --report readiness.json. Then add --for readiness.json here.',
    `Or name a model as site.models: sealift models --gitlab ${site.gitlab}`,
  );
}

/** One model for all of these features if one fits, else as few as possible: the first takes as many features as one can. */
function covering(question: NeedsQuestion, machine: Machine, features: ModelFeature[]): ChosenModel[] {
  const reasons: string[] = [];
  for (const some of subsets(features)) {
    const found = candidates(question, some);
    const ranked = rank(question, machine, found, some);
    const best = ranked.find((one) => doesFit(one.plan.estimate));
    if (!best) {
      reasons.push(...whyNone(question, some, ranked));
      continue;
    }
    const rest = features.filter((one) => !some.includes(one));
    const why = ['The best model for these features that fits the machine.'];
    return [
      taken({ ...question, features: some }, best, why),
      ...(rest.length > 0 ? covering(question, machine, rest) : []),
    ];
  }
  throw contradiction(
    [...new Set(reasons)].slice(0, 4),
    'Ask for fewer features or users, or another engine.',
    `See all plans with their numbers: sealift models --gitlab ${question.site.gitlab} --for readiness.json`,
  );
}

/** All subsets but the empty one, the largest first; the empty list itself when there is nothing to choose from. */
function subsets<T>(all: readonly T[]): T[][] {
  const found: T[][] = [[]];
  for (const one of all) found.push(...found.map((some) => [...some, one]));
  return found.length === 1 ? found : found.slice(1).sort((a, b) => b.length - a.length);
}

function whyNone(question: NeedsQuestion, features: ModelFeature[], ranked: JudgedPlan[]): string[] {
  const forWhat = features.length > 0 ? ` for ${labels(features)}` : '';
  const [best] = ranked;
  if (best)
    return [`No model${forWhat} fits the machine; the nearest is ${best.row.name}: ${best.plan.estimate.reason}`];
  const [first] = candidates(question, features);
  return [first ? noWay(question, first.model) : `GitLab's page for ${question.site.gitlab} lists no model${forWhat}.`];
}

function candidates({ catalog, chosen }: NeedsQuestion, features: ModelFeature[]): PageModel[] {
  return modelsOf(catalog, chosen, features, 'self-hosted').filter(({ model }) => model.hfRepo !== null);
}

function canServe(question: NeedsQuestion, { model }: PageModel, features: ModelFeature[]): boolean {
  return candidates(question, features).some((one) => one.model.id === model.id);
}

function rank(question: NeedsQuestion, machine: Machine, found: PageModel[], features: ModelFeature[]): JudgedPlan[] {
  const { catalog, chosen, wanted } = question;
  const waysOf = (model: CatalogModel) => waysWith(question, machine, model);
  return rankPlans(found, { catalog, chosen, machine, features, needs: wanted, waysOf });
}

/** The ways to serve a model with the site's engine; none for a model without a file for it. */
function waysWith({ site, wanted }: NeedsQuestion, machine: Machine, model: CatalogModel): ModelPlan[] {
  const size = sizeOf(model);
  if (site.engine === 'vllm') return plansOf(size, machine, wanted).filter((one) => one.question.engine === 'vllm');
  return quantizations.llamacpp
    .filter((one) => model.gguf.some(({ quantization }) => quantization === one))
    .map((one) => ggufPlan(size, machine, one, wanted));
}

function taken(question: NeedsQuestion, best: JudgedPlan, why: string[]): ChosenModel {
  const { model, row, plan, support } = best;
  const { estimate } = plan;
  const gguf = model.gguf.find((one) => one.quantization === plan.question.quantization);
  const converted =
    question.site.engine === 'vllm' && plan.isConverted
      ? [`vLLM converts the published weights to ${estimate.quantization} while it loads them.`]
      : [];
  const features = question.features.length > 0 ? [`It serves ${labels(question.features)}.`] : [];
  return { model, row, gguf, why: [...why, ...features, support.text, estimate.reason, ...converted] };
}

function ggufOf(question: NeedsQuestion, model: CatalogModel): ChosenModel['gguf'] {
  if (question.site.engine === 'vllm') return undefined;
  const [first] = model.gguf;
  if (first) return first;
  throw contradiction([noWay(question, model)], ...otherEngine(question));
}

function noWay({ site }: NeedsQuestion, model: CatalogModel): string {
  return site.engine === 'vllm'
    ? 'The machine has no GPU that vLLM can use; for AMD GPUs, Sealift knows no image.'
    : `Sealift knows no GGUF file of ${model.name}, which the engine ${site.engine} needs.`;
}

function otherEngine({ site }: NeedsQuestion): string[] {
  return site.engine === 'vllm'
    ? ['Use another machine, or the engine llamacpp.']
    : ['Name another model, or use vllm.', 'Or add a GGUF that you know to contents, and leave the model out of site.'];
}

function supportOf({ catalog, chosen }: NeedsQuestion, one: PageModel): string {
  return modelSupport(catalog, chosen, one, 1).text;
}

function wordOf(row: PageModel['row'], feature: ModelFeature): string {
  return `${featureLabels[feature]} ${row[feature] ?? 'not mentioned'}`;
}

function labels(features: readonly ModelFeature[]): string {
  return features.map((one) => featureLabels[one]).join(', ');
}
