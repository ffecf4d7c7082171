import { appError } from '../../../shared/errors/app-error.ts';
import { type ModelSite, modelSites } from '../../../shared/model-sites.ts';
import type { SiteFile } from '../../../shared/site-file.ts';

/**
 * Returns a site as one of its models sees it: the one that is served under this name, or its only one. Throws `site.which-model` when
 * the name is missing for a site with several, or no model has it.
 */
export function namedModel(site: SiteFile, servedName: string | undefined): ModelSite {
  const all = modelSites(site);
  const found = servedName === undefined ? all : all.filter(({ model }) => model.servedName === servedName);
  const [only, second] = found;
  if (only && !second) return only;
  const known = all.map(({ model }) => model.servedName);
  throw appError('site.which-model', {
    site: site.name,
    known,
    ...(servedName !== undefined && { named: servedName }),
  });
}

/** Returns a site as its only model sees it. Throws `site.one-model-only`, naming what needs that, for a site with a list of models. */
export function onlyModel(site: SiteFile, what: string): ModelSite {
  const [only] = modelSites(site);
  if (!only || site.models) throw appError('site.one-model-only', { site: site.name, what });
  return only;
}
