import type { models } from '../../../shared/contract/models.ts';
import { usualNeeds, type Wanted } from '../../../shared/estimate/plan-model.ts';
import type { Readiness } from '../../../shared/readiness.ts';
import { type Sizing, sizingFor } from '../../../shared/sizing.ts';
import type { AreaHandlers } from '../area-handlers.ts';
import { checkMachine } from '../hardware/check-machine.ts';
import { loadHardwareCatalog } from '../hardware/load-hardware-catalog.ts';
import { readReadiness } from '../hardware/readiness-file.ts';
import type { CorePorts } from '../ports.ts';
import { setRules } from './cheapest-set.ts';
import { modelAnswerOf, modelsOf, notesFor } from './list-models.ts';
import { loadModelCatalog } from './load-model-catalog.ts';
import type { ModelCatalog } from './model-catalog.ts';
import { type ChosenPage, pageFor } from './page-for-version.ts';
import { plannedSet } from './planned-set.ts';
import { rankModels, recommend } from './rank-models.ts';
import { rankedPlans, rankingRules, rankPlans } from './rank-plans.ts';
import { sizingRules } from './sizing-rules.ts';

/** Implements the contract's area `models`. */
export function modelsHandlers(ports: CorePorts): AreaHandlers<typeof models> {
  return {
    plan: async ({ gitlab, features, readinessPath, users, hasRocmImage, ...asked }) => {
      const [catalog, hardware] = await Promise.all([
        loadModelCatalog(ports.resources),
        loadHardwareCatalog(ports.resources),
      ]);
      const chosen = pageFor(catalog, gitlab);
      const { machine } = readinessPath
        ? await readReadiness(readinessPath)
        : await checkMachine(ports, ports.paths.store);
      const sizing = users === undefined ? undefined : sizingFor(users, sizingRules(hardware));
      const needs = needsOf(asked, sizing, hasRocmImage);
      return {
        gitlab: pageAnswer(catalog, chosen),
        notes: notesFor(catalog, chosen, features),
        machine: { hostname: machine.os.hostname, gpus: machine.gpus.length },
        ...plannedSet({ catalog, chosen, machine, features: [...new Set(features)], needs }),
        rules: [...setRules],
      };
    },
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
      const needs = needsOf(asked, sizing, hasRocmImage);
      const plans = rankPlans(found, { catalog, chosen, machine: looked, features, needs });
      const recommendation = recommend(plans);
      return {
        ...answer,
        models: rankModels(plans, hardware, chosen.asked).map((one) => ({ ...modelAnswerOf(one), fit: one.fit })),
        machine: { hostname: looked.os.hostname, ...(readiness && { checkedAt: readiness.createdAt }) },
        ...(recommendation && { recommendation }),
        plans: rankedPlans(plans),
        rules: [...rankingRules],
      };
    },
  };
}

function needsOf(
  { contextTokens, concurrency }: { contextTokens?: number | undefined; concurrency?: number | undefined },
  sizing: Sizing | undefined,
  hasRocmImage: boolean | undefined,
): Wanted {
  return {
    contextTokens: contextTokens ?? usualNeeds.contextTokens,
    concurrency: concurrency ?? sizing?.concurrency ?? usualNeeds.concurrency,
    hasRocmImage,
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
