import type { SiteFile, SiteModel } from '../../../shared/site-file.ts';
import type { GatewayEnvironment } from '../gitlab/gateway-environment.ts';
import type { Chart } from './read-chart.ts';

/** One release of GitLab's chart, with everything that the site and the cluster decide. */
export interface Release {
  site: SiteFile;
  /** The gateway's host name, for which the ingress has a certificate. */
  host: string;
  /** Repository, and tag with a digest where the image has one. */
  image: { repository: string; tag: string };
  chart: Pick<Chart, 'name' | 'version'>;
  namespace: string;
  ingressClass: string;
  /** Files of this machine, which are copied beside the script. */
  tlsCert?: string | undefined;
  tlsKey?: string | undefined;
  dockerConfig?: string | undefined;
  /** Address ranges of GitLab and the model server; empty when they are unknown. */
  allow: string[];
  environment: GatewayEnvironment;
  /** True for a gateway with the service of the Agent Platform. */
  hasAgentService: boolean;
  modelServer?: ModelServer | undefined;
}

/** vLLM in the cluster. */
export interface ModelServer {
  /** The model of the site that it serves. */
  model: SiteModel;
  namespace: string;
  image: string;
  /** Of `vllm serve`. */
  arguments: string[];
  weights: { image: string } | { claimGiB: number; storageClass?: string | undefined };
  gpus: number;
  /** Where the front finds it: the port of the site's `model.endpoint`. */
  port: number;
  /** False when the model is not in this machine's store, so that its files could not be looked at. */
  hasFiles: boolean;
}

/** Names of what the script makes in the cluster. */
export const clusterNames = {
  release: 'ai-gateway',
  tlsSecret: 'ai-gateway-tls',
  pullSecret: 'ai-gateway-registry',
  authorities: 'ai-gateway-authorities',
  model: 'model-server',
  modelClaim: 'model-weights',
  modelLoader: 'model-loader',
};

/** Names of the files next to the script. */
export const releaseFiles = {
  script: 'install.sh',
  namespace: 'namespace.yaml',
  values: 'values.yaml',
  policy: 'network-policy.yaml',
  authorities: 'ca-certificates.crt',
  tlsCert: 'tls.crt',
  tlsKey: 'tls.key',
  dockerConfig: 'config.json',
  chart: 'chart.tgz',
  logs: 'logs.sh',
  keys: 'keys',
  model: 'model-server.yaml',
  modelClaim: 'model-claim.yaml',
  modelLoader: 'load-model.sh',
  modelLoaderPod: 'model-loader.yaml',
};
