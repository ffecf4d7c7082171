import type { models } from '../../../shared/contract/models.ts';
import { usualNeeds } from '../../../shared/estimate/plan-model.ts';
import type { Readiness } from '../../../shared/readiness.ts';
import { sizingFor } from '../../../shared/sizing.ts';
import type { AreaHandlers } from '../area-handlers.ts';
import { checkMachine } from '../hardware/check-machine.ts';
import { loadHardwareCatalog } from '../hardware/load-hardware-catalog.ts';
import { readReadiness } from '../hardware/readiness-file.ts';
import type { CorePorts } from '../ports.ts';
import { modelAnswerOf, modelsOf, notesFor } from './list-models.ts';
import { loadModelCatalog } from './load-model-catalog.ts';
import type { ModelCatalog } from './model-catalog.ts';
import { type ChosenPage, pageFor } from './page-for-version.ts';
import { rankModels, recommend } from './rank-models.ts';
import { rankedPlans, rankingRules, rankPlans } from './rank-plans.ts';
import { sizingRules } from './sizing-rules.ts';

/** Implements the contract's area `models`. */
export function modelsHandlers(ports: CorePorts): AreaHandlers<typeof models> {
  return {
    list: async ({ gitlab, features, hosting, readinessPath, fitHere, machine, users, hasRocmImage, ...asked }) => {
      const [catalog, hardware] = await Promise.all([
        loadModelCatalog(ports.resources),
        loadHardwareCatalog(ports.resources),
      ]);
      const chosen = pageFor(catalog, gitlab);
      const found = modelsOf(catalog, chosen, features, hosting);
      const sizing = users === undefined ? undefined : sizingFor(users, sizingRules(hardware));
      const answer = {
        gitlab: pageAnswer(catalog, chosen),
        notes: notesFor(catalog, chosen, features),
        ...(sizing && { sizing }),
      };
      const readiness = await readinessFor(ports, readinessPath, fitHere);
      const looked = machine ?? readiness?.machine;
      if (!looked) return { ...answer, models: found.map(modelAnswerOf) };
      const needs = {
        contextTokens: asked.contextTokens ?? usualNeeds.contextTokens,
        concurrency: asked.concurrency ?? sizing?.concurrency ?? usualNeeds.concurrency,
        hasRocmImage,
      };
      const plans = rankPlans(found, { catalog, chosen, machine: looked, features, needs });
      const recommendation = recommend(plans);
      return {
        ...answer,
        models: rankModels(plans, hardware).map((one) => ({ ...modelAnswerOf(one), fit: one.fit })),
        machine: { hostname: looked.os.hostname, ...(readiness && { checkedAt: readiness.createdAt }) },
        ...(recommendation && { recommendation }),
        plans: rankedPlans(plans),
        rules: [...rankingRules],
      };
    },
  };
}

function pageAnswer(catalog: ModelCatalog, { asked, isExact, page }: ChosenPage) {
  const { first, last, source, vllmMinimum } = page;
  const sourceText = catalog.sources[source] ?? source;
  return { asked, first, last, source, sourceText, isExact, ...(vllmMinimum && { vllmMinimum: vllmMinimum.version }) };
}

async function readinessFor(
  ports: CorePorts,
  path: string | undefined,
  isHere: boolean,
): Promise<Readiness | undefined> {
  if (path !== undefined) return readReadiness(path);
  return isHere ? checkMachine(ports, ports.paths.store) : undefined;
}
