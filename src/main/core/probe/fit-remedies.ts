import type { Remedy } from '../../../shared/errors/define.ts';
import type { ProbeContext } from './hop.ts';

/** Returns remedies for this site: with its own addresses and ports, and without commands that its GitLab version does not allow. */
export function fitRemedies(
  remedies: Remedy[],
  context: Pick<ProbeContext, 'site' | 'endpoints' | 'canApply'>,
): Remedy[] {
  const { site, endpoints, canApply } = context;
  const { gatewayUrl, gitlabUrl } = endpoints;
  const modelEndpoint = endpoints.modelEndpoint ?? `http://<address of this machine>:${site.front.port}/v1`;
  const { host: gatewayHost, httpPort, grpcPort } = site.gateway;
  const values: Record<string, string | number> = {
    gatewayHost,
    httpPort,
    grpcPort,
    gatewayUrl,
    frontPort: site.front.port,
    modelEndpoint,
    gitlabUrl,
  };
  const fill = (text: string) => text.replace(/\{\{(\w+)\}\}/g, (whole, name: string) => String(values[name] ?? whole));
  const fitted = remedies.map((one): Remedy => {
    if (one.kind === 'steps') return { ...one, steps: one.steps.map(fill) };
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
