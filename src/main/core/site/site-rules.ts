import { isIP } from 'node:net';
import type { SiteFile } from '../../../shared/site-file.ts';
import { containerRules } from './container-rules.ts';
import { isLoopback, isPrivate } from './host-kind.ts';
import type { RuleProblem } from './rule-problem.ts';

/** The rules between the fields of a site file that its schema alone cannot say. Empty when all hold. */
export function brokenRules(site: SiteFile): RuleProblem[] {
  return [
    ...gitlabRules(site),
    ...gatewayRules(site),
    ...modelRules(site),
    ...containerRules(site),
    ...hostRules(site),
    ...portRules(site),
  ];
}

/** Host and port that a URL names; the scheme's port when it names none. */
export function urlAddress(url: string): { host: string; port: number } {
  const { hostname, port, protocol } = new URL(url);
  return {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port),
  };
}

function gitlabRules({ gitlab, gateway }: SiteFile): RuleProblem[] {
  const url = new URL(gitlab.url);
  const path = ['gitlab', 'url'];
  const problems: RuleProblem[] = [];
  if (url.username || url.password || url.search || url.hash || url.pathname !== '/')
    problems.push({ path, expected: 'give only scheme, host and port, as in https://gitlab.example' });
  // The stand-in must be reached from the gateway's container, and from nowhere else.
  const mayBeBridge = gateway.kind === 'container' && isPrivate(url.hostname);
  if (gitlab.simulated && !isLoopback(url.hostname) && !mayBeBridge)
    problems.push({ path, expected: 'a simulated GitLab runs on loopback only: give http://127.0.0.1:PORT' });
  if (gitlab.simulated && url.protocol !== 'http:')
    problems.push({ path, expected: 'a simulated GitLab speaks plain http: give http://127.0.0.1:PORT' });
  return problems;
}

function gatewayRules({ gitlab, gateway }: SiteFile): RuleProblem[] {
  if (gateway.kind !== 'simulated') return [];
  const problems: RuleProblem[] = [];
  if (!gitlab.simulated) {
    const expected = 'a real GitLab must not be pointed at a stand-in: give existing, or set gitlab.simulated to true';
    problems.push({ path: ['gateway', 'kind'], expected });
  }
  if (!isLoopback(gateway.host))
    problems.push({ path: ['gateway', 'host'], expected: 'a simulated gateway runs on loopback only: give 127.0.0.1' });
  return problems;
}

function modelRules({ model }: SiteFile): RuleProblem[] {
  const path = ['model', 'endpoint'];
  if (model.engine !== 'external') {
    return model.endpoint === undefined
      ? []
      : [{ path, expected: 'belongs to engine external only: remove it, or set model.engine to external' }];
  }
  const example = 'the base URL of the server, ending in /v1, as in http://127.0.0.1:8001/v1';
  if (model.endpoint === undefined) return [{ path, expected: `engine external needs ${example}` }];
  const url = new URL(model.endpoint);
  const isBase = url.pathname.endsWith('/v1') && !url.search && !url.hash && !url.username && !url.password;
  return isBase ? [] : [{ path, expected: `give ${example}; keys go into no site file` }];
}

function hostRules(site: SiteFile): RuleProblem[] {
  return (['gateway', 'front'] as const)
    .filter((field) => !isHost(site[field].host))
    .map((field) => ({ path: [field, 'host'], expected: 'give a host name or an IP address without port' }));
}

function isHost(host: string): boolean {
  const label = '[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?';
  return isIP(host) !== 0 || new RegExp(`^${label}(\\.${label})*$`).test(host);
}

function portRules(site: SiteFile): RuleProblem[] {
  const { front, gateway, gitlab } = site;
  const used = [
    { path: ['front', 'port'], host: front.host, port: front.port },
    { path: ['gateway', 'httpPort'], host: gateway.host, port: gateway.httpPort },
    { path: ['gateway', 'grpcPort'], host: gateway.host, port: gateway.grpcPort },
    ...(gitlab.simulated ? [{ path: ['gitlab', 'url'], ...urlAddress(gitlab.url) }] : []),
  ];
  return used.flatMap((one, at) => {
    const other = used.slice(0, at).find((before) => before.port === one.port && isSameHost(before.host, one.host));
    return other
      ? [{ path: one.path, expected: `give another port than ${other.path.join('.')} (${other.port})` }]
      : [];
  });
}

function isSameHost(a: string, b: string): boolean {
  const isAny = (host: string) => host === '0.0.0.0' || host === '::';
  return a === b || isAny(a) || isAny(b) || (isLoopback(a) && isLoopback(b));
}
