import { cloudOf, usedPlatforms } from '../../../shared/cloud-platforms.ts';
import { steps } from '../../../shared/errors/define.ts';
import type { Finding } from '../../../shared/finding.ts';
import { modelSites } from '../../../shared/model-sites.ts';
import type { SiteFile } from '../../../shared/site-file.ts';

/** Reports for which models prompts and code leave the network, and where they go. */
export function outsideFindings(site: SiteFile): Finding[] {
  return usedPlatforms(site).map((platform) => {
    const served = modelSites(site).filter(({ model }) => cloudOf(model) === platform);
    const names = served.map(({ model }) => model.servedName).join(', ');
    return {
      id: 'site.leaves-network',
      severity: 'amber',
      title: `LEAVES YOUR NETWORK: prompts and code for ${names} go to ${platform.title}`,
      consequence: `The gateway needs a way to ${platform.domain}. Speed and context there are not measured: Sealift reaches the model through GitLab and the gateway only.`,
      howWeKnow: 'the site file has airGapped: false, and the model has engine cloud',
      remedies: [steps('If they must stay inside, serve a model in your network: another engine for it in site.yaml.')],
    };
  });
}
