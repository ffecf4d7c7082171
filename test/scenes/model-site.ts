import { type ModelSite, modelSites } from '../../src/shared/model-sites.ts';
import { siteFile } from '../../src/shared/site-file.ts';

/** Checks the content of a site file with `model` by its schema, and returns it as that model sees it. */
export function modelSite(content: unknown): ModelSite {
  const [only] = modelSites(siteFile.parse(content));
  if (!only) throw new Error('the site file has no model');
  return only;
}
