import { appError } from '../../../shared/errors/app-error.ts';
import { frontedSites, type ModelSite, modelSites } from '../../../shared/model-sites.ts';
import type { SiteFile } from '../../../shared/site-file.ts';

/**
 * Returns a site as one of the models behind its front sees it: the one that is served under this name, or its only one. Throws `site.which-model` when
 * the name is missing for a site with several, or no model has it.
 */
export function namedModel(site: SiteFile, servedName: string | undefined): ModelSite {
  const all = modelsBehindFront(site);
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

/** Returns the site as each model behind its front sees it. Throws `site.no-own-model` where all are on the internet. */
export function modelsBehindFront(site: SiteFile): ModelSite[] {
  const all = frontedSites(site);
  if (all.length === 0) throw appError('site.no-own-model', { site: site.name });
  return all;
}

/** Returns a site as its only model sees it. Throws `site.one-model-only`, naming what needs that, for a site with a list of models. */
export function onlyModel(site: SiteFile, what: string): ModelSite {
  const [only] = modelSites(site);
  if (!only || site.models) throw appError('site.one-model-only', { site: site.name, what });
  return only;
}
