import type { SiteFile, SiteModel } from './site-file.ts';

/** A site as one of its models sees it: that model, and the features that it is for. */
export type ModelSite = Omit<SiteFile, 'model' | 'models'> & {
  model: SiteModel;
  /** The name of the model's part, where the site file has a list of models. */
  part?: string;
};

/** Returns the site as each of its models sees it, in the order of the site file. A site file with `model` is returned as it is. */
export function modelSites(site: SiteFile): ModelSite[] {
  if (!site.models) return isOfOne(site) ? [site] : [];
  const { models, model: _none, ...rest } = site;
  return models.map(({ features, ...model }) => ({ ...rest, model, features, part: listedPart(model.servedName) }));
}

/** True for a model that no import brings: somebody else's server, or a platform on the internet, has it. */
export function isElsewhere({ engine }: Pick<SiteModel, 'engine'>): boolean {
  return engine === 'external' || engine === 'cloud';
}

/** Returns the site as each model behind its front sees it: all but those of platforms on the internet, which the gateway asks itself. */
export function frontedSites(site: SiteFile): ModelSite[] {
  return modelSites(site).filter(({ model }) => model.engine !== 'cloud');
}

/** Returns the name of the part of a model in a list. */
export function listedPart(servedName: string): string {
  return `model-${servedName}`;
}

/** Returns the name of a model's part: `model`, or `model-<servedName>` where the site file has a list of models. */
export function modelPart({ part = 'model' }: ModelSite): string {
  return part;
}

type VllmField = `vllm.${keyof NonNullable<SiteModel['vllm']>}`;

/** Returns how people find a field of a model in the site file. */
export function modelField({ model, part }: ModelSite, field: keyof SiteModel | VllmField): string {
  return part === undefined ? `model.${field}` : `${field} of the model ${model.servedName}`;
}

/** Returns the features that a site's models are for, each once, in the order of the site file. */
export function siteFeatures(site: SiteFile): SiteFile['features'] {
  return site.models ? [...new Set(site.models.flatMap((one) => one.features))] : site.features;
}

function isOfOne(site: SiteFile): site is ModelSite {
  return site.model !== undefined;
}
