import { dirname } from 'node:path/posix';
import { stringify } from 'yaml';
import { gatewayFiles } from '../gitlab/gateway-value.ts';
import { siteEndpoints } from '../sites/site-endpoints.ts';
import { clusterNames, type Release } from './release.ts';

/** The chart fills these from `gitlab.url` and `gitlab.apiUrl`. */
const fromChart = ['AIGW_GITLAB_URL', 'AIGW_GITLAB_API_URL'];

/** Returns the values of the chart, in the fields that GitLab's installation page sets (and `imagePullSecrets`, as `helm create` names it). */
export function releaseValues(release: Release): Record<string, unknown> {
  const { site, host, image, chart, ingressClass } = release;
  const { gitlabUrl } = siteEndpoints(site);
  return {
    gitlab: { url: gitlabUrl, apiUrl: `${gitlabUrl}/api/v4/` },
    // GitLab's page asks for it with charts before 0.7.0.
    image: { ...image, ...(/^0\.[0-6]\./.test(chart.version) && { pullPolicy: 'Always' }) },
    ...(release.dockerConfig !== undefined && { imagePullSecrets: [{ name: clusterNames.pullSecret }] }),
    ingress: {
      enabled: true,
      className: ingressClass,
      hosts: [{ host, paths: [{ path: '/', pathType: 'ImplementationSpecific' }] }],
      tls: [{ secretName: clusterNames.tlsSecret, hosts: [host] }],
    },
    extraEnvironmentVariables: extraVariables(release),
    ...(site.caFile !== undefined && authorityVolume),
  };
}

/** Returns `values.yaml`. */
export function valuesText(release: Release): string {
  const head =
    "# Values for GitLab's chart of the AI Gateway. The values of the keys come from files: see install.sh.\n";
  return head + stringify(releaseValues(release), { lineWidth: 0 });
}

/** Returns the further variables in order: those whose value is the content of a key file come first, without it. */
export function extraVariables({ environment: { env, secrets } }: Release): { name: string; value?: string }[] {
  const plain = Object.entries(env).filter(([name]) => !fromChart.includes(name));
  return [...Object.keys(secrets).map((name) => ({ name })), ...plain.map(([name, value]) => ({ name, value }))];
}

const volume = 'authorities';
const authorityVolume = {
  volumes: [{ name: volume, configMap: { name: clusterNames.authorities } }],
  volumeMounts: [{ name: volume, mountPath: dirname(gatewayFiles.caBundle), readOnly: true }],
};
