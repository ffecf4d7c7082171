import type { ModelSite } from '../../../shared/model-sites.ts';
import type { SiteFile } from '../../../shared/site-file.ts';
import { gitlabBase } from '../http/gitlab-url.ts';
import { addressFamily, bareHost, isLoopback, isPrivateIpv4, isRange, isWildcard } from '../http/network-host.ts';
import { cloudRules } from './cloud-rules.ts';
import { containerRules } from './container-rules.ts';
import { modelRules, ofEachModel } from './model-rules.ts';
import type { RuleProblem } from './rule-problem.ts';
import { gatewayHost } from './site-endpoints.ts';

/**
 * Checks the rules between fields that the schema cannot express. Empty when all hold. A rule that throws what `isUnknown` accepts is left
 * out: it cannot be judged.
 */
export function brokenRules(site: SiteFile, isUnknown: (thrown: unknown) => boolean = () => false): RuleProblem[] {
  return rules.flatMap((rule) => {
    try {
      return rule(site);
    } catch (thrown) {
      if (!isUnknown(thrown)) throw thrown;
      return [];
    }
  });
}

const rules: readonly ((site: SiteFile) => RuleProblem[])[] = [
  gitlabRules,
  gatewayRules,
  gatewayUrlRules,
  ...modelRules,
  ofEachModel(endpointRules),
  ...containerRules,
  ...cloudRules,
  hostRules,
  wildcardRules,
  clientRules,
  portRules,
];

/** Returns the host and port of a URL, with the scheme's default port. */
export function urlAddress(url: string): { host: string; port: number } {
  const { hostname, port, protocol } = new URL(url);
  return {
    host: bareHost(hostname),
    port: port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port),
  };
}

function clientRules({ front }: SiteFile): RuleProblem[] {
  const expected =
    'write a range from its first address, as in 10.20.0.0/16 or fd00:20::/64; one address ends with /32 or /128';
  return (front.clients ?? []).flatMap((range, at) =>
    isRange(range) ? [] : [{ path: ['front', 'clients', String(at)], expected }],
  );
}

function gitlabRules({ gitlab, gateway }: SiteFile): RuleProblem[] {
  const url = new URL(gitlab.url);
  const path = ['gitlab', 'url'];
  const problems: RuleProblem[] = [];
  if (gitlabBase(gitlab.url) === undefined)
    problems.push({
      path,
      expected: 'use the address of GitLab itself, as in https://gitlab.example or https://host.example/gitlab',
    });
  // Only the gateway's container may reach the stand-in from outside this machine.
  const mayBeBridge = gateway.kind === 'container' && isPrivateIpv4(url.hostname);
  if (gitlab.simulated && !isLoopback(url.hostname) && !mayBeBridge)
    problems.push({ path, expected: 'a simulated GitLab runs on loopback only: use http://127.0.0.1:PORT' });
  if (gitlab.simulated && url.protocol !== 'http:')
    problems.push({ path, expected: 'a simulated GitLab uses plain http: use http://127.0.0.1:PORT' });
  return problems;
}

function gatewayUrlRules({ gateway }: SiteFile): RuleProblem[] {
  if (gateway.url === undefined) return [];
  const { host, httpPort, url } = gateway;
  const { search, hash, username, password } = new URL(url);
  const isBase = !search && !hash && !username && !password && !/\/v\d\/*$/.test(url);
  const given = [host !== '127.0.0.1' && 'host', httpPort !== 5052 && 'httpPort'].filter((one) => one !== false);
  return [
    ...(isBase
      ? []
      : [{ path: ['gateway', 'url'], expected: "use the gateway's base address, as in https://ai.example:8443/path" }]),
    ...given.map((field) => ({ path: ['gateway', field], expected: 'gateway.url has it already: remove it' })),
  ];
}

function gatewayRules({ gitlab, gateway }: SiteFile): RuleProblem[] {
  if (gateway.kind !== 'simulated') return [];
  const problems: RuleProblem[] = [];
  if (!gitlab.simulated) {
    const expected = 'a real GitLab must not use a simulated gateway: use existing, or set gitlab.simulated to true';
    problems.push({ path: ['gateway', 'kind'], expected });
  }
  if (!isLoopback(gateway.host))
    problems.push({ path: ['gateway', 'host'], expected: 'a simulated gateway runs on loopback only: use 127.0.0.1' });
  return problems;
}

function endpointRules({ model }: ModelSite): RuleProblem[] {
  const path = ['model', 'endpoint'];
  // What a platform on the internet needs of these two depends on the platform.
  if (model.engine === 'cloud') return [];
  if (model.engine !== 'external') {
    const expected = 'only for engine external: remove it, or set model.engine to external';
    return (['endpoint', 'endpointKey'] as const).flatMap((field) =>
      model[field] === undefined ? [] : [{ path: ['model', field], expected }],
    );
  }
  const example = 'the base URL of the server, ending in /v1 once, as in http://127.0.0.1:8001/v1';
  if (model.endpoint === undefined) return [{ path, expected: `required with engine external: ${example}` }];
  const url = new URL(model.endpoint);
  const isBase = /(?<!\/v1)\/v1$/.test(url.pathname) && !url.search && !url.hash && !url.username && !url.password;
  return isBase
    ? []
    : [{ path, expected: `use ${example}; never put keys into a site file: endpointKey names a file or a variable` }];
}

function hostRules(site: SiteFile): RuleProblem[] {
  return (['gateway', 'front'] as const)
    .filter((field) => !isHost(site[field].host))
    .map((field) => ({ path: [field, 'host'], expected: 'use a host name or an IP address without a port' }));
}

/* Others are sent there: a wildcard is an address to listen on, and no one's name. */
function wildcardRules(site: SiteFile): RuleProblem[] {
  const { gateway, gitlab } = site;
  const isGateway = gateway.kind !== 'simulated' && isWildcard(gatewayHost(site));
  const whose = gateway.kind === 'container' ? 'this machine' : 'the gateway';
  const byGitlab = `use the address or name by which GitLab reaches ${whose}`;
  return [
    ...(isGateway ? [{ path: ['gateway', gateway.url ? 'url' : 'host'], expected: byGitlab }] : []),
    ...(!gitlab.simulated && isWildcard(urlAddress(gitlab.url).host)
      ? [{ path: ['gitlab', 'url'], expected: 'use the address or name by which other machines reach GitLab' }]
      : []),
  ];
}

function isHost(host: string): boolean {
  const label = '[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?';
  return addressFamily(host) !== 0 || new RegExp(`^${label}(\\.${label})*$`).test(host);
}

function portRules(site: SiteFile): RuleProblem[] {
  const { front, gateway, gitlab } = site;
  const used = [
    { path: ['front', 'port'], host: front.host, port: front.port },
    ...(gateway.url ? [] : [{ path: ['gateway', 'httpPort'], host: gateway.host, port: gateway.httpPort }]),
    { path: ['gateway', 'grpcPort'], host: gatewayHost(site), port: gateway.grpcPort },
    ...(gitlab.simulated ? [{ path: ['gitlab', 'url'], ...urlAddress(gitlab.url) }] : []),
  ];
  return used.flatMap((one, at) => {
    const other = used.slice(0, at).find((before) => before.port === one.port && isSameHost(before.host, one.host));
    return other ? [{ path: one.path, expected: `use another port than ${other.path.join('.')} (${other.port})` }] : [];
  });
}

function isSameHost(a: string, b: string): boolean {
  return a === b || isWildcard(a) || isWildcard(b) || (isLoopback(a) && isLoopback(b));
}
