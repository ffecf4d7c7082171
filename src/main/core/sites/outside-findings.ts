import { cloudPlatforms } from '../../../shared/cloud-platforms.ts';
import { steps } from '../../../shared/errors/define.ts';
import type { Finding } from '../../../shared/finding.ts';
import { modelSites } from '../../../shared/model-sites.ts';
import type { SiteFile } from '../../../shared/site-file.ts';
import { outsidePlace } from './network-reach.ts';

/** Reports for which models prompts and code leave the network, and where they go. */
export function outsideFindings(site: SiteFile): Finding[] {
  const models = modelSites(site).map(({ model }) => ({ name: model.servedName, place: outsidePlace(model) }));
  const places = new Set(models.flatMap(({ place }) => place ?? []));
  return [...places].map((place) => {
    const names = models.flatMap((one) => (one.place === place ? one.name : [])).join(', ');
    return {
      id: 'site.leaves-network',
      severity: 'amber',
      title: `LEAVES YOUR NETWORK: prompts and code for ${names} go to ${place}`,
      ...waysThere(place, site.airGapped === false ? 'the site file has airGapped: false, and the' : 'the'),
      remedies: [steps('If they must stay inside, serve a model in your network: another engine for it in site.yaml.')],
    };
  });
}

function waysThere(place: string, start: string): Pick<Finding, 'consequence' | 'howWeKnow'> {
  const platform = cloudPlatforms.find(({ title }) => title === place);
  return platform
    ? {
        consequence: `The gateway needs a way to ${platform.domain}. Speed and context there are not measured: Sealift reaches the model through GitLab and the gateway only.`,
        howWeKnow: `${start} model has engine cloud`,
      }
    : {
        consequence: `The front needs a way to ${place}, and passes each request on to it.`,
        howWeKnow: `${start} model has engine external, with an endpoint at a provider on the internet`,
      };
}
