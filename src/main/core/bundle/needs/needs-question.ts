import { existsSync } from 'node:fs';
import type { ModelFeature } from '../../../../shared/contract/models.ts';
import { appError } from '../../../../shared/errors/app-error.ts';
import { usualNeeds, type Wanted } from '../../../../shared/estimate/plan-model.ts';
import type { Machine } from '../../../../shared/machine.ts';
import { featureNames, type SiteNeeds } from '../../../../shared/site-needs.ts';
import { sizingFor } from '../../../../shared/sizing.ts';
import { parseGitlabVersion } from '../../catalog/gitlab-version.ts';
import { loadVariants, type VariantCatalog } from '../../catalog/llama-variants.ts';
import { loadModelCatalog } from '../../catalog/load-model-catalog.ts';
import type { ModelCatalog } from '../../catalog/model-catalog.ts';
import { type ChosenPage, pageFor } from '../../catalog/page-for-version.ts';
import { sizingRules } from '../../catalog/sizing-rules.ts';
import { type ErasCatalog, loadEras } from '../../gitlab/eras-catalog.ts';
import { findEra } from '../../gitlab/find-era.ts';
import type { HardwareCatalog } from '../../hardware/hardware-catalog.ts';
import { loadHardwareCatalog } from '../../hardware/load-hardware-catalog.ts';
import { loadOrigins, type OriginsCatalog } from './origins-catalog.ts';

/** What a site needs is worked out from this. */
export interface NeedsQuestion {
  site: SiteNeeds;
  /** Their names in the catalogue. */
  features: ModelFeature[];
  machine: Machine | undefined;
  /** Context and concurrent requests. */
  wanted: Wanted;
  catalog: ModelCatalog;
  chosen: ChosenPage;
  eras: ErasCatalog;
  origins: OriginsCatalog;
  hardware: HardwareCatalog;
  variants: VariantCatalog;
  /** The keyrings of distributions that this machine has. */
  keyrings: string[];
}

/** Reads the catalogues for a site. Throws `gitlab.version-*`, `input.invalid`, `catalog.*`. */
export async function needsQuestion(
  site: SiteNeeds,
  machine: Machine | undefined,
  resources: string,
): Promise<NeedsQuestion> {
  const [catalog, eras, hardware, origins, variants] = await Promise.all([
    loadModelCatalog(resources),
    loadEras(resources),
    loadHardwareCatalog(resources),
    loadOrigins(resources),
    loadVariants(resources),
  ]);
  findEra(eras, parseGitlabVersion(site.gitlab));
  const sizing = site.users === undefined ? undefined : sizingFor(site.users, sizingRules(hardware));
  return {
    site,
    features: site.features.map((name) => featureNames[name]),
    machine,
    wanted: { ...usualNeeds, ...(sizing && { concurrency: sizing.concurrency }) },
    catalog,
    chosen: pageFor(catalog, site.gitlab),
    eras,
    origins,
    hardware,
    variants,
    keyrings: hardware.debianPackages.systems.map(({ keyring }) => keyring).filter((path) => existsSync(path)),
  };
}

/** The error for needs that exclude each other: why, and what would help. */
export function contradiction(reasons: string[], ...ways: string[]): Error {
  return appError('needs.contradict', { reasons, ways });
}
