import { appError } from '../../../shared/errors/app-error.ts';
import { modelField, modelSites } from '../../../shared/model-sites.ts';
import type { SiteFile } from '../../../shared/site-file.ts';
import { outsidePlace } from './network-reach.ts';
import { gatewayHost } from './site-endpoints.ts';

/**
 * Throws `site.gitlab-com-gateway` for a site whose gateway is GitLab.com's, and `site.leaves-network` for an air-gapped one with a model on
 * the internet.
 */
export function refuseOutside(site: SiteFile, path: string): void {
  const host = gatewayHost(site);
  if (/(^|\.)gitlab\.(com|net)$/i.test(host)) throw appError('site.gitlab-com-gateway', { path, host });
  if (site.airGapped === false) return;
  for (const one of modelSites(site)) {
    const { servedName: model } = one.model;
    const place = outsidePlace(one.model);
    if (place) throw appError('site.leaves-network', { path, model, place, field: modelField(one, 'engine') });
  }
}
