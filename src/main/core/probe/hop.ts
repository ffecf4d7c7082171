import type { ModelSite } from '../../../shared/model-sites.ts';
import type { SiteFile } from '../../../shared/site-file.ts';
import type { InsideAsk } from '../engine/ask-from-inside.ts';
import type { askFromGateway } from '../site/containers/ask-from-gateway.ts';
import type { ContainerTrouble } from '../site/containers/container-trouble.ts';
import type { SiteEndpoints } from '../sites/site-endpoints.ts';
import type { HopOutcome } from './observation.ts';

/** A request from inside the gateway's container. */
export type AskFromGateway = (ask: InsideAsk) => ReturnType<typeof askFromGateway>;

/** The input of every hop. Secrets stay in memory and never reach a result. */
export interface ProbeContext {
  site: SiteFile;
  /** The model that a hop about one asks. */
  of: ModelSite;
  endpoints: SiteEndpoints;
  frontApiKey: string;
  /** The keys of platforms on the internet, by the served name of the model; only GitLab and the gateway send them there. Without
   * those that cannot be read here. */
  platformKeys?: Record<string, string>;
  /** Absent when none was given: the hops that need it are left out. */
  gitlabToken?: string;
  /** Whether `gitlab apply` can set up this version of GitLab. */
  canApply: boolean;
  /** PKCS#8 PEM of this site's signing key, which an existing gateway need not have. */
  gatewaySigningKey?: string;
  /** The authorities that GitLab and the gateway are trusted by, as PEM. Default: the public ones. */
  ca?: string | undefined;
  /** Absent for a gateway that is not a container of this site. */
  askFromGateway?: AskFromGateway;
  /** Returns what is wrong with the containers of a model's server; absent where the server is none of this site's containers. */
  modelTrouble?: (of: ModelSite) => Promise<ContainerTrouble | undefined>;
  /** Parts of the site whose containers are stand-ins. */
  simulatedParts: string[];
  now(): Date;
  signal: AbortSignal;
}

/** One hop of the chain, outwards from the model. */
export interface Hop {
  hop: string;
  title: string;
  /** True for a hop about a model, which is asked for each of a site's. */
  isOfModel?: true;
  /** True when this hop passes through a stand-in. */
  isSimulated(context: Pick<ProbeContext, 'site' | 'simulatedParts'>): boolean;
  /** Returns why this site has no such hop; undefined when it has one. */
  reasonToLeaveOut?(context: ProbeContext): string | undefined;
  /** `cannotAsk`: why the hop cannot be checked; it then counts as not checked. */
  run(context: ProbeContext, correlationId: string): Promise<HopOutcome | { cannotAsk: string }>;
}
