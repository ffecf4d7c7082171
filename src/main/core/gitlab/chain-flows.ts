import { cloudOf } from '../../../shared/cloud-platforms.ts';
import type { ChainFlow } from '../../../shared/contract/gitlab.ts';
import { frontedSites, modelSites } from '../../../shared/model-sites.ts';
import type { SiteFile, SiteModel } from '../../../shared/site-file.ts';
import { hasAgentService, isWithin, parseGitlabVersion } from '../catalog/gitlab-version.ts';
import { outsidePlace } from '../sites/network-reach.ts';
import { siteEndpoints } from '../sites/site-endpoints.ts';

type Part = ChainFlow['parts'][number];

/** Returns who asks whom, in which order, as GitLab's documentation draws it, with the addresses of the site. */
export function chainFlows(site: SiteFile): ChainFlow[] {
  const parts = partsOf(site);
  const isAgents = hasAgentService(parseGitlabVersion(site.gitlab.version));
  const hasFront = frontedSites(site).length > 0;
  return [
    ...(hasFront ? [own(parts, site)] : []),
    ...modelSites(site).flatMap((one) => cloud(parts, one.model)),
    authentication(parts, site),
    ...(isAgents && hasFront ? [agents(parts)] : []),
    gitlabCom(parts),
  ];
}

function partsOf(site: SiteFile) {
  const { gitlabUrl, gatewayUrl, agentPlatformUrl, modelEndpoint } = siteEndpoints(site);
  const models = frontedSites(site).map(({ model }) => model.endpoint ?? model.servedName);
  const part = (id: string, title: string, address: string): Part => ({ id, title, address });
  return {
    user: part('user', 'Developer', 'editor or browser'),
    gitlab: part('gitlab', 'GitLab', gitlabUrl),
    gateway: part('gateway', 'AI Gateway', gatewayUrl),
    agents: part('agents', 'Agent Platform', agentPlatformUrl),
    front: part('front', 'Front', modelEndpoint ?? `port ${site.front.port}`),
    model: part('model', 'Model server', models.join(', ')),
  };
}
type Parts = ReturnType<typeof partsOf>;

const message = (from: Part, to: Part, text: string) => ({ from: from.id, to: to.id, text });

type Link = [to: Part, asked: string, answered: string];

/** A request that each part passes on to the next, and the answers back. */
function passedOn(first: Part, links: Link[]): Pick<ChainFlow, 'parts' | 'messages'> {
  let from = first;
  const there: ChainFlow['messages'] = [];
  const back: ChainFlow['messages'] = [];
  for (const [to, asked, answered] of links) {
    there.push(message(from, to, asked));
    back.unshift(message(to, from, answered));
    from = to;
  }
  return { parts: [first, ...links.map(([to]) => to)], messages: [...there, ...back] };
}

function own({ user, gitlab, gateway, front, model }: Parts, site: SiteFile): ChainFlow {
  const outside = outsidePlaces(site);
  return {
    id: 'own',
    title: outside
      ? `A request with your own gateway and front: prompts and code ${outside}`
      : 'A request with your own gateway and model: nothing leaves your network',
    leavesNetwork: outside !== undefined,
    ...passedOn(user, [
      [gitlab, 'uses a feature', 'answer'],
      [gateway, 'request, token, model', 'answer'],
      [front, 'prompt, API key', 'answer'],
      [model, `prompt for ${servedNames(site)}`, 'answer'],
    ]),
  };
}

/** Says which prompts leave the network, where the front passes requests on to servers on the internet. */
function outsidePlaces(site: SiteFile): string | undefined {
  const outside = frontedSites(site).filter(({ model }) => outsidePlace(model) !== undefined);
  if (outside.length === 0) return undefined;
  const names = outside.map(({ model }) => model.servedName).join(' and ');
  const places = new Set(outside.map(({ model }) => outsidePlace(model)));
  return `for ${names} LEAVE YOUR NETWORK for ${[...places].join(' and ')}`;
}

/** Of a platform on the internet, which the gateway asks itself. */
function cloud({ user, gitlab, gateway }: Parts, model: SiteModel): ChainFlow[] {
  const platform = cloudOf(model);
  if (!platform) return [];
  const part: Part = { id: 'platform', title: platform.title, address: platform.domain };
  return [
    {
      id: `cloud-${model.servedName}`,
      title: `A request for ${model.servedName}: prompts and code LEAVE YOUR NETWORK for ${platform.title}`,
      leavesNetwork: true,
      ...passedOn(user, [
        [gitlab, 'uses a feature', 'answer'],
        [gateway, 'request, token, model', 'answer'],
        [part, 'prompt with code, credentials', 'answer'],
      ]),
    },
  ];
}

function servedNames(site: SiteFile): string {
  return frontedSites(site)
    .map(({ model }) => model.servedName)
    .join(' or ');
}

function authentication({ gitlab, gateway, front }: Parts, site: SiteFile): ChainFlow {
  const hasFront = frontedSites(site).length > 0;
  const hasBypass = isWithin(parseGitlabVersion(site.gitlab.version), { from: '17.2', to: '17.3' });
  const verified = [
    message(gitlab, gitlab, 'signs a token itself'),
    message(gitlab, gateway, 'request with the token'),
    message(gateway, gitlab, '/.well-known/openid-configuration'),
    message(gitlab, gateway, "address of GitLab's public keys"),
    message(gateway, gitlab, 'fetches and caches the keys'),
    message(gateway, gateway, 'verifies the token'),
  ];
  return {
    id: 'authentication',
    title: hasBypass
      ? 'Authentication is off in this version: anyone who can reach the gateway can use it'
      : 'Authentication: GitLab signs the token, and the gateway asks only GitLab',
    leavesNetwork: false,
    parts: [gitlab, gateway, ...(hasFront ? [front] : [])],
    messages: [
      ...(hasBypass ? [message(gitlab, gateway, 'request, no token is verified')] : verified),
      ...(hasFront
        ? [message(gateway, front, "model's API key, from GitLab"), message(front, gateway, 'answer, or 401')]
        : []),
    ],
  };
}

function agents({ user, gitlab, agents: service, front, model }: Parts): ChainFlow {
  return {
    id: 'agent-platform',
    title: 'The Agent Platform: one connection for the whole conversation',
    leavesNetwork: false,
    ...passedOn(user, [
      [gitlab, 'opens a session', 'result'],
      [service, 'gRPC, token, model', 'action to take'],
      [front, 'prompt with tools', 'tool call or answer'],
      [model, 'prompt with tools', 'tool call or answer'],
    ]),
  };
}

function gitlabCom({ user, gitlab }: Parts): ChainFlow {
  const cloud: Part = { id: 'cloud', title: "GitLab.com's gateway", address: 'cloud.gitlab.com' };
  const vendor: Part = { id: 'vendor', title: 'Vendor of the model', address: 'on the internet' };
  return {
    id: 'gitlab-com',
    title: "A request with GitLab.com's gateway: prompts and code leave your network. Sealift refuses it for this site",
    leavesNetwork: true,
    ...passedOn(user, [
      [gitlab, 'uses a feature', 'answer'],
      [cloud, 'request with code', 'answer'],
      [vendor, 'prompt with code', 'answer'],
    ]),
  };
}
