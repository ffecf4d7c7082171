import { type ModelFeature, modelFeature, type RankedPlan, type RankingRule } from '../../../shared/contract/models.ts';
import { doesFit } from '../../../shared/estimate/estimate-memory.ts';
import { type ModelPlan, plansOf, type Wanted } from '../../../shared/estimate/plan-model.ts';
import type { Machine } from '../../../shared/machine.ts';
import { slowWords } from '../../../shared/verdict-words.ts';
import { levelOf, type PageModel, sizeOf } from './list-models.ts';
import type { CatalogModel, ModelCatalog } from './model-catalog.ts';
import type { ChosenPage } from './page-for-version.ts';
import { modelSupport, planSupport, type Support, tierRank } from './support-tier.ts';

/** One way to serve one model, with everything that ranks it. */
export interface JudgedPlan extends PageModel {
  plan: ModelPlan;
  support: Support;
  modelSupport: Support;
  /** Sum over the wanted features: full 3, partial 2, listed 1. */
  score: number;
}

interface Rule {
  id: Exclude<RankingRule, 'equal'>;
  /** The rule as people read it. */
  words: string;
  /** Smaller is better. */
  key(one: JudgedPlan): number;
  /** Returns why a plan comes after one that this rule prefers. */
  why(one: JudgedPlan, best: JudgedPlan): string;
}

/* The rules in order: the first one that distinguishes two plans decides. */
const rules: readonly Rule[] = [
  {
    id: 'fit',
    words: 'Plans that fit come first, then plans with an unknown fit, then plans that do not fit.',
    key: ({ plan }) => (doesFit(plan.estimate) ? 0 : plan.estimate.verdict === 'not-known' ? 1 : 2),
    why: ({ plan }) =>
      `${plan.estimate.verdict === 'not-known' ? 'Unknown whether it fits' : 'Does not fit'}: ${plan.estimate.reason}`,
  },
  {
    id: 'tier',
    words: 'Supported plans for this GitLab version come first, then compatible plans, then unsupported plans.',
    key: ({ support }) => tierRank(support.tier),
    why: ({ support }) => support.text,
  },
  {
    id: 'trial',
    words: 'Within each group, models that GitLab supports come before models on trial.',
    key: ({ modelSupport }) => tierRank(modelSupport.tier),
    why: ({ modelSupport }) => modelSupport.text,
  },
  {
    id: 'speed',
    words: 'Plans that answer in time come before slow plans.',
    key: ({ plan }) => Number(plan.isSlow),
    why: () => slowWords,
  },
  {
    id: 'memory',
    words: 'Plans on GPUs come before plans in memory.',
    key: ({ plan }) => Number(plan.question.engine === 'llamacpp'),
    why: () => 'It would run in memory, without a GPU.',
  },
  {
    id: 'tightness',
    words: 'Plans that fit comfortably come before plans that fit tightly.',
    key: ({ plan }) => Number(plan.estimate.verdict === 'fits-tight'),
    why: ({ plan }) => `Fits only tightly: ${plan.estimate.reason}`,
  },
  {
    id: 'features',
    words:
      'Each requested feature scores 3 for full functionality, 2 for partial, 1 for being listed. Higher scores come first.',
    key: ({ score }) => -score,
    why: ({ score }, best) => `Fewer of the requested features: ${score} points, the best plan has ${best.score}.`,
  },
  {
    id: 'weights',
    words: 'Plans with published weights come before plans with converted weights.',
    key: ({ plan }) => Number(plan.isConverted),
    why: ({ plan }) => `Its weights are converted to ${plan.estimate.quantization}.`,
  },
  {
    id: 'size',
    words: 'Larger models come before smaller ones.',
    key: ({ model }) => -(model.parameters?.count ?? 0),
    why: () => 'Otherwise equal, but the model is smaller.',
  },
];

/** The rules by which plans are ranked, in their order, for people to read. */
export const rankingRules: readonly string[] = rules.map((one) => one.words);

/** The machine and the needs that plans are ranked for. */
export interface RankingQuestion {
  catalog: ModelCatalog;
  chosen: ChosenPage;
  machine: Machine;
  /** Empty: all features count. */
  features: readonly ModelFeature[];
  needs?: Wanted | undefined;
  /** The ways to serve a model that are ranked. Default: all. */
  waysOf?: (model: CatalogModel) => ModelPlan[];
}

const points = { full: 3, partial: 2, listed: 1, limited: 0, none: 0 } as const;

/** Returns all ways to serve the self-hosted models on a machine, best first by `rankingRules`. Cloud models are left out. */
export function rankPlans(found: readonly PageModel[], question: RankingQuestion): JudgedPlan[] {
  const { catalog, chosen, machine, features, needs } = question;
  const { waysOf = (model) => plansOf(sizeOf(model), machine, needs) } = question;
  const wanted = features.length > 0 ? features : modelFeature.options;
  const judged = found
    .filter(({ model }) => model.hosting === 'self-hosted')
    .flatMap((one) => {
      const score = wanted.reduce((sum, feature) => sum + points[levelOf(catalog, one.row, feature)], 0);
      // A page without columns scores no points.
      const isWordless = modelFeature.options.every((feature) => one.row[feature] === null);
      const about = modelSupport(catalog, chosen, one, isWordless ? 1 : score);
      return waysOf(one.model).map((plan) => {
        return { ...one, plan, score, modelSupport: about, support: planSupport(about, plan, chosen) };
      });
    });
  return sortPlans(judged);
}

/** Sorts by `rankingRules`, best first; equal plans keep their order. */
function sortPlans(plans: readonly JudgedPlan[]): JudgedPlan[] {
  return [...plans].sort((a, b) => {
    for (const { key } of rules) {
      const difference = key(a) - key(b);
      if (difference !== 0) return difference;
    }
    return 0;
  });
}

/** Returns sorted plans as the contract shows them. Each except the first names the rule that puts it after the first. */
export function rankedPlans(sorted: readonly JudgedPlan[]): RankedPlan[] {
  const best = sorted[0];
  return sorted.map((one) => ({
    ...shownPlan(one),
    ...(best && best !== one ? whyAfter(one, best) : { whyNot: null }),
  }));
}

/** Returns a plan as the contract shows it, without a place in a ranking. */
export function shownPlan({ plan, support, model, row }: JudgedPlan): Omit<RankedPlan, 'whyNot' | 'behindBy'> {
  const { estimate, isSlow, isConverted } = plan;
  const { engine, quantization, kvType, tensorParallel, pipelineParallel, contextTokens, concurrency } = estimate;
  return {
    modelId: model.id,
    name: row.name,
    engine,
    quantization,
    isConverted,
    kvType,
    tensorParallel,
    pipelineParallel,
    gpus: plan.devices.filter((device) => device.kind === 'gpu').length,
    contextTokens,
    concurrency,
    expectedConcurrency: estimate.maxConcurrency,
    totalBytes: estimate.totalBytes,
    verdict: estimate.verdict,
    isSlow,
    support: support.tier,
    supportText: support.text,
    source: row.source,
    spread: plan.why,
  };
}

function whyAfter(one: JudgedPlan, best: JudgedPlan): Pick<RankedPlan, 'whyNot' | 'behindBy'> {
  const rule = rules.find(({ key }) => key(one) > key(best));
  return rule
    ? { whyNot: rule.why(one, best), behindBy: rule.id }
    : { whyNot: 'Equal by all rules.', behindBy: 'equal' };
}
