import { appError } from '../../../shared/errors/app-error.ts';
import type { SiteFile } from '../../../shared/site-file.ts';
import { readServicePlan } from '../serving/parts/read-service-plan.ts';
import { readSiteSecret } from '../sites/gitlab-token.ts';
import { siteEndpoints } from '../sites/site-endpoints.ts';
import { type SitePaths, secretFiles } from '../sites/site-paths.ts';

/** Returns where a site's front is, and the key for it. Throws `probe.not-deployed` when there is none yet. */
export async function frontAccess(
  site: SiteFile,
  siteFile: string,
  paths: SitePaths,
): Promise<{ frontUrl: string; apiKey: string }> {
  const apiKey = await readSiteSecret(paths, 'frontApiKey');
  if (!apiKey) throw appError('probe.not-deployed', { site: site.name, siteFile, missing: secretFiles.frontApiKey });
  const { frontUrl } = siteEndpoints(site, await frontHost(paths));
  return { frontUrl, apiKey };
}

/** Returns where the deployed front listens, which differs from the site file when the gateway is a container. */
export async function frontHost(paths: SitePaths): Promise<string | undefined> {
  const deployed = await readServicePlan(paths.servicePlan).catch(() => undefined);
  return deployed?.plan.parts.flatMap((part) => (part.kind === 'front' ? [part.host] : []))[0];
}
