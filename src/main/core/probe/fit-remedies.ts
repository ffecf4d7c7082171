import type { Remedy } from '../../../shared/errors/define.ts';
import { gatewayHost } from '../sites/site-endpoints.ts';
import { urlAddress } from '../sites/site-rules.ts';
import type { ProbeContext } from './hop.ts';

type Values = Record<string, string | number>;

/** Returns remedies for this site: with its own addresses and ports, and without commands that its GitLab version does not allow. */
export function fitRemedies(
  remedies: Remedy[],
  context: Pick<ProbeContext, 'site' | 'endpoints' | 'canApply'>,
): Remedy[] {
  const { site, endpoints, canApply } = context;
  const { gatewayUrl, gitlabUrl } = endpoints;
  const modelEndpoint = endpoints.modelEndpoint ?? `http://<address of this machine>:${site.front.port}/v1`;
  const { httpPort, grpcPort } = site.gateway;
  const fitted = fillRemedies(remedies, {
    gatewayHost: gatewayHost(site),
    httpPort: site.gateway.url ? urlAddress(site.gateway.url).port : httpPort,
    grpcPort,
    gatewayUrl,
    frontPort: site.front.port,
    modelEndpoint,
    gitlabUrl,
  }).map((one): Remedy => {
    if (canApply || one.kind !== 'call' || !/^sealift gitlab (apply|check)\b/.test(one.command)) return one;
    return {
      kind: 'call',
      label: 'Print the settings, and compare them by hand',
      command: 'sealift gitlab plan SITE.yaml',
    };
  });
  const seen = fitted.map((one) => JSON.stringify(one));
  return fitted.filter((_, at) => seen.indexOf(seen[at] ?? '') === at);
}

/** Returns remedies for a site that is not known: with GitLab's usual ports, and words in place of addresses. */
export function fitRemediesAnywhere(remedies: Remedy[]): Remedy[] {
  return fillRemedies(remedies, {
    gatewayHost: '<gateway>',
    httpPort: 5052,
    grpcPort: 50052,
    gatewayUrl: 'http://<gateway>:5052',
    frontPort: '<port of the model server>',
    modelEndpoint: 'http://<model server>:<port>/v1',
    gitlabUrl: 'https://<GitLab>',
  });
}

function fillRemedies(remedies: Remedy[], values: Values): Remedy[] {
  const fill = (text: string) => text.replace(/\{\{(\w+)\}\}/g, (whole, name: string) => String(values[name] ?? whole));
  return remedies.map((one): Remedy => (one.kind === 'steps' ? { ...one, steps: one.steps.map(fill) } : one));
}
