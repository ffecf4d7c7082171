import type { SiteFile } from '../../../shared/site-file.ts';
import type { InsideAsk } from '../engine/ask-from-inside.ts';
import type { SiteEndpoints } from '../gitlab/site-endpoints.ts';
import type { askFromGateway } from '../site/containers/ask-from-gateway.ts';
import type { HopOutcome } from './observation.ts';

/** A request from inside the gateway's container. */
export type AskFromGateway = (ask: InsideAsk) => ReturnType<typeof askFromGateway>;

/** What every hop may use. Secrets stay in memory; they reach no result. */
export interface ProbeContext {
  site: SiteFile;
  endpoints: SiteEndpoints;
  frontApiKey: string;
  gitlabToken: string;
  /** PKCS#8 PEM of the gateway's signing key; absent for a gateway whose keys this site does not hold. */
  gatewaySigningKey?: string;
  /** Absent for a gateway that is no container of this site. */
  askFromGateway?: AskFromGateway;
  /** Parts of the site whose containers are stand-ins. */
  simulatedParts: string[];
  now(): Date;
  signal: AbortSignal;
}

/** One hop of the chain, outwards from the model. */
export interface Hop {
  hop: string;
  title: string;
  /** True when the site runs a stand-in on the way that this hop takes. */
  isSimulated(context: Pick<ProbeContext, 'site' | 'simulatedParts'>): boolean;
  /** Why this site has no such hop; undefined when it has. */
  reasonToLeaveOut?(context: ProbeContext): string | undefined;
  /** `cannotAsk`: why it cannot be found out; the hop then counts as not checked. */
  run(context: ProbeContext, correlationId: string): Promise<HopOutcome | { cannotAsk: string }>;
}
