import type { SupportTier } from '../../../shared/contract/models.ts';
import type { ModelPlan } from '../../../shared/estimate/plan-model.ts';
import { type ChosenPage, order } from './gitlab-version.ts';
import type { PageModel } from './list-models.ts';
import type { ModelCatalog } from './model-catalog.ts';

/** What GitLab says of a plan, and in which words. */
export interface Support {
  tier: SupportTier;
  /** One sentence with the page that it rests on. */
  text: string;
}

/** Since this version GitLab takes any server that speaks OpenAI's interface, as beta (family General). */
const anyServerSince = '18.3';
const tiers: readonly SupportTier[] = ['supported', 'compatible', 'unsupported'];

/** What GitLab says of the model for the wanted features (`score` 0: it can do none of them). */
export function modelSupport(catalog: ModelCatalog, chosen: ChosenPage, { row }: PageModel, score: number): Support {
  const where = pageWords(catalog, chosen);
  if (score === 0)
    return { tier: 'unsupported', text: `GitLab gives it limited functionality for what is wanted, on ${where}.` };
  if (catalog.states[row.state] === 'supported')
    return { tier: 'supported', text: `GitLab supports it: "${row.state}" on ${where}.` };
  return { tier: 'compatible', text: `GitLab has it only on trial: "${row.state}" on ${where}.` };
}

/** What GitLab says of a plan: never more than of its model, less for weights or servers that GitLab does not name. */
export function planSupport(model: Support, plan: ModelPlan, chosen: ChosenPage): Support {
  const { engine } = plan.question;
  if (engine === 'llamacpp') {
    const version = chosen.asked ?? chosen.page.last;
    const isTaken = order(version) >= order(anyServerSince);
    return worst(model, {
      tier: isTaken ? 'compatible' : 'unsupported',
      text: isTaken
        ? `GitLab does not name llama.cpp: since ${anyServerSince} any server that speaks OpenAI's interface counts as compatible (beta).`
        : `GitLab ${version} names no llama.cpp, and takes other servers only since ${anyServerSince}.`,
    });
  }
  if (!plan.isConverted) return model;
  const text = `GitLab names it in its published weights only, not as ${plan.estimate.quantization}.`;
  return worst(model, { tier: 'compatible', text });
}

/** The place of a tier: smaller is better. */
export function tierRank(tier: SupportTier): number {
  return tiers.indexOf(tier);
}

function worst(one: Support, other: Support): Support {
  return tierRank(other.tier) >= tierRank(one.tier) ? other : one;
}

function pageWords({ sources }: ModelCatalog, { page, asked, isExact }: ChosenPage): string {
  const name = sources[page.source] ?? page.source;
  return isExact || asked === null ? `the page "${name}"` : `the page nearest to ${asked} ("${name}")`;
}
