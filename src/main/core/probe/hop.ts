import type { SiteFile } from '../../../shared/site-file.ts';
import type { SiteEndpoints } from '../gitlab/site-endpoints.ts';
import type { HopOutcome } from './observation.ts';

/** What every hop may use. Secrets stay in memory; they reach no result. */
export interface ProbeContext {
  site: SiteFile;
  endpoints: SiteEndpoints;
  frontApiKey: string;
  gitlabToken: string;
  /** PKCS#8 PEM of the gateway's signing key; absent for a gateway whose keys this site does not hold. */
  gatewaySigningKey?: string;
  now(): Date;
  signal: AbortSignal;
}

/** One hop of the chain, outwards from the model. */
export interface Hop {
  hop: string;
  title: string;
  /** True when the site runs a stand-in on the way that this hop takes. */
  isSimulated(site: SiteFile): boolean;
  /** Why this site has no such hop; undefined when it has. */
  reasonToLeaveOut?(context: ProbeContext): string | undefined;
  run(context: ProbeContext, correlationId: string): Promise<HopOutcome>;
}
