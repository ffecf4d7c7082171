import type { models } from '../../../shared/contract/models.ts';
import type { Readiness } from '../../../shared/readiness.ts';
import type { AreaHandlers } from '../area-handlers.ts';
import { checkMachine } from '../hardware/check-machine.ts';
import { readReadiness } from '../hardware/readiness-file.ts';
import type { CorePorts } from '../ports.ts';
import { homePaths } from '../settings/paths.ts';
import { pageFor } from './gitlab-version.ts';
import { modelAnswerOf, modelsOf, notesFor } from './list-models.ts';
import { loadHardwareCatalog, loadModelCatalog } from './load-catalog.ts';
import { rankModels, recommend } from './rank-models.ts';

/** Implements the contract's area `models`. */
export function modelsHandlers(ports: CorePorts): AreaHandlers<typeof models> {
  return {
    list: async ({ gitlab, features, readinessPath, fitHere }) => {
      const catalog = await loadModelCatalog(ports.resources);
      const chosen = pageFor(catalog, gitlab);
      const found = modelsOf(catalog, chosen, features);
      const { first, last, source } = chosen.page;
      const answer = {
        gitlab: { asked: chosen.asked, first, last, source, isExact: chosen.isExact },
        notes: notesFor(catalog, chosen, features),
      };
      const readiness = await readinessFor(ports, readinessPath, fitHere);
      if (!readiness) return { ...answer, models: found.map(modelAnswerOf) };
      const hardware = await loadHardwareCatalog(ports.resources);
      const ranked = rankModels(catalog, hardware, found, readiness.machine, features);
      const recommendation = recommend(ranked);
      return {
        ...answer,
        models: ranked.map((one) => ({ ...modelAnswerOf(one), fit: one.fit })),
        machine: { hostname: readiness.machine.os.hostname, checkedAt: readiness.createdAt },
        ...(recommendation && { recommendation }),
      };
    },
  };
}

async function readinessFor(
  ports: CorePorts,
  path: string | undefined,
  isHere: boolean,
): Promise<Readiness | undefined> {
  if (path !== undefined) return readReadiness(path);
  return isHere ? checkMachine(ports, homePaths(ports.home).store) : undefined;
}
