import type { ChainFlow } from '../../../shared/contract/gitlab.ts';
import { modelSites } from '../../../shared/model-sites.ts';
import type { SiteFile } from '../../../shared/site-file.ts';
import { hasAgentService, parseGitlabVersion } from '../catalog/gitlab-version.ts';
import { siteEndpoints } from '../sites/site-endpoints.ts';

type Part = ChainFlow['parts'][number];

/** Returns who asks whom, in which order, as GitLab's documentation draws it, with the addresses of the site. */
export function chainFlows(site: SiteFile): ChainFlow[] {
  const parts = partsOf(site);
  const isAgents = hasAgentService(parseGitlabVersion(site.gitlab.version));
  return [own(parts, site), authentication(parts, site), ...(isAgents ? [agents(parts)] : []), gitlabCom(parts)];
}

function partsOf(site: SiteFile) {
  const { gitlabUrl, gatewayUrl, agentPlatformUrl, modelEndpoint } = siteEndpoints(site);
  const models = modelSites(site).map(({ model }) => model.endpoint ?? model.servedName);
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

function own({ user, gitlab, gateway, front, model }: Parts, site: SiteFile): ChainFlow {
  return {
    id: 'own',
    title: 'A request with your own gateway and model: nothing leaves your network',
    leavesNetwork: false,
    parts: [user, gitlab, gateway, front, model],
    messages: [
      message(user, gitlab, 'asks a feature'),
      message(gitlab, gateway, 'request, token, model'),
      message(gateway, front, 'prompt, API key'),
      message(front, model, `prompt for ${servedNames(site)}`),
      message(model, front, 'answer'),
      message(front, gateway, 'answer'),
      message(gateway, gitlab, 'answer'),
      message(gitlab, user, 'answer'),
    ],
  };
}

function servedNames(site: SiteFile): string {
  return modelSites(site)
    .map(({ model }) => model.servedName)
    .join(' or ');
}

function authentication({ gitlab, gateway, front }: Parts, site: SiteFile): ChainFlow {
  const hasBypass = /^17\.[23]\b/.test(site.gitlab.version);
  const verified = [
    message(gitlab, gitlab, 'signs a token itself'),
    message(gitlab, gateway, 'request with the token'),
    message(gateway, gitlab, '/.well-known/openid-configuration'),
    message(gitlab, gateway, "address of GitLab's public keys"),
    message(gateway, gitlab, 'asks the keys, keeps them'),
    message(gateway, gateway, 'verifies the token'),
  ];
  return {
    id: 'authentication',
    title: hasBypass
      ? 'Authentication is off in this version: whoever reaches the gateway may use it'
      : 'Authentication: GitLab signs the token, and the gateway asks only GitLab',
    leavesNetwork: false,
    parts: [gitlab, gateway, front],
    messages: [
      ...(hasBypass ? [message(gitlab, gateway, 'request, no token is verified')] : verified),
      message(gateway, front, "model's API key, from GitLab"),
      message(front, gateway, 'answer, or 401'),
    ],
  };
}

function agents({ user, gitlab, agents: service, front, model }: Parts): ChainFlow {
  return {
    id: 'agent-platform',
    title: 'The Agent Platform: one connection for the whole conversation',
    leavesNetwork: false,
    parts: [user, gitlab, service, front, model],
    messages: [
      message(user, gitlab, 'opens a session'),
      message(gitlab, service, 'gRPC, token, model'),
      message(service, front, 'prompt with tools'),
      message(front, model, 'prompt with tools'),
      message(model, front, 'tool call or answer'),
      message(front, service, 'tool call or answer'),
      message(service, gitlab, 'action to take'),
      message(gitlab, user, 'result'),
    ],
  };
}

function gitlabCom({ user, gitlab }: Parts): ChainFlow {
  const cloud: Part = { id: 'cloud', title: "GitLab.com's gateway", address: 'cloud.gitlab.com' };
  const vendor: Part = { id: 'vendor', title: 'Vendor of the model', address: 'on the internet' };
  return {
    id: 'gitlab-com',
    title: "A request with GitLab.com's gateway: prompts and code leave your network. Sealift refuses it for this site",
    leavesNetwork: true,
    parts: [user, gitlab, cloud, vendor],
    messages: [
      message(user, gitlab, 'asks a feature'),
      message(gitlab, cloud, 'request with code'),
      message(cloud, vendor, 'prompt with code'),
      message(vendor, cloud, 'answer'),
      message(cloud, gitlab, 'answer'),
      message(gitlab, user, 'answer'),
    ],
  };
}
