import type { SupportTier } from '../../../shared/contract/models.ts';
import type { ModelPlan } from '../../../shared/estimate/plan-model.ts';
import { compareVersions } from './gitlab-version.ts';
import type { PageModel } from './list-models.ts';
import type { ModelCatalog } from './model-catalog.ts';
import type { ChosenPage } from './page-for-version.ts';

/** How far GitLab supports a plan, in words. */
export interface Support {
  tier: SupportTier;
  /** One sentence that names the page. */
  text: string;
}

/** From this version on, GitLab accepts any server with OpenAI's interface, as beta (family General). */
const anyServerSince = '18.3';
const tiers: readonly SupportTier[] = ['supported', 'compatible', 'unsupported'];

/** Returns how far GitLab supports the model for the wanted features. `score` 0: it supports none of them. */
export function modelSupport(catalog: ModelCatalog, chosen: ChosenPage, { row }: PageModel, score: number): Support {
  const where = pageWords(catalog, chosen);
  if (score === 0)
    return { tier: 'unsupported', text: `GitLab lists limited functionality for the requested features on ${where}.` };
  if (catalog.states[row.state] === 'supported')
    return { tier: 'supported', text: `Listed as ${row.state} on ${where}.` };
  return { tier: 'compatible', text: `GitLab offers it only on trial ("${row.state}" on ${where}).` };
}

/** Returns how far GitLab supports a plan: never more than its model, and less for weights or servers that GitLab does not list. */
export function planSupport(model: Support, plan: ModelPlan, chosen: ChosenPage): Support {
  const { engine } = plan.question;
  if (engine === 'llamacpp') {
    const version = chosen.asked ?? chosen.page.last;
    const isTaken = compareVersions(version, anyServerSince) >= 0;
    return worst(model, {
      tier: isTaken ? 'compatible' : 'unsupported',
      text: isTaken
        ? `GitLab does not mention llama.cpp, but since ${anyServerSince} any server with an OpenAI-compatible API counts as compatible (beta).`
        : `GitLab ${version} does not mention llama.cpp, and accepts other servers only since ${anyServerSince}.`,
    });
  }
  if (!plan.isConverted) return model;
  const weights = plan.estimate.quantization;
  const text = `GitLab lists this model, but not in ${weights}. In ${weights} it counts as compatible.`;
  return worst(model, { tier: 'compatible', text });
}

/** Returns the rank of a tier: smaller is better. */
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
