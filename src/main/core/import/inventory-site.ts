import { catalogueFeature } from '../../../shared/feature-labels.ts';
import { modelSites } from '../../../shared/model-sites.ts';
import type { SiteFile } from '../../../shared/site-file.ts';
import { type FeatureName, featureNames } from '../../../shared/site-needs.ts';
import type { InventorySite } from '../bundle/format/inventory.ts';
import { deployedSites } from '../sites/deployed-sites.ts';
import { readSiteFile } from '../sites/read-site-file.ts';

/** What an inventory says about a site, or a note why it says nothing. */
export interface FoundSite {
  site?: InventorySite;
  notes: string[];
}

/** Returns what the only deployed site of a data folder is, or the one of that name: GitLab version, engine and features, nothing else. */
export async function inventorySite(sites: string, name: string | undefined): Promise<FoundSite> {
  const all = await deployedSites(sites);
  const found = name === undefined ? all : all.filter((one) => one.name === name);
  const [only, second] = found;
  if (!only)
    return { notes: name === undefined ? [] : [`No site is named ${name}: the inventory has no GitLab version.`] };
  if (second)
    return {
      notes: ['Several sites are deployed: name one with --site, so that the inventory has its GitLab version.'],
    };
  try {
    return siteFacts((await readSiteFile(only.siteFile)).site);
  } catch {
    return { notes: [`The site file of ${only.name} can't be read: the inventory has no GitLab version.`] };
  }
}

function siteFacts(site: SiteFile): FoundSite {
  const { name: siteName, gitlab, features, gateway } = site;
  const [engine = 'external', other] = new Set(modelSites(site).map(({ model }) => model.engine));
  if (other)
    return {
      notes: [
        `The models of ${siteName} have different engines, which an inventory can't say: it has no GitLab version. Name the version and the engine in the bundle's description.`,
      ],
    };
  const names = Object.entries(featureNames) as [FeatureName, (typeof featureNames)[FeatureName]][];
  const wanted = features.map((one) => catalogueFeature[one]);
  const found: InventorySite = {
    gitlab: gitlab.version,
    engine: engine === 'external' || engine === 'cloud' ? 'none' : engine,
    features: names.filter(([, feature]) => wanted.includes(feature)).map(([feature]) => feature),
    fips: gateway.image?.includes('self-hosted-fips') ?? false,
  };
  return { site: found, notes: [] };
}
