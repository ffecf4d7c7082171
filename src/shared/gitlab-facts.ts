import { z } from 'zod';

const text = z.string().max(500);

const word = z.string().regex(/^[\w .-]{1,50}$/);

const certificate = z.object({
  subject: text,
  issuer: text,
  validFrom: z.iso.datetime().nullable(),
  validTo: z.iso.datetime().nullable(),
});

const tls = z.object({
  /** The server's own certificate first, up to the root where that is known. */
  chain: z.array(certificate).max(10),
  /**
   * `public`: trusted by the public authorities that the AI Gateway's Python knows (Mozilla's list); `machine`: by this system's
   * certificates; `given`: by the given file; null: not trusted, or unknown.
   */
  trustedBy: z.enum(['public', 'machine', 'given']).nullable(),
  /** Why it is not trusted; null if it is. */
  why: text.nullable(),
  /** `authority`: trusting its authority would help; `certificate`: the certificate or its chain must change; null if trusted. */
  refusal: z.enum(['authority', 'certificate']).nullable().optional(),
  /** Why Python 3.13 and later refuse it, although earlier ones accept it. */
  strictWhy: text.nullable().optional(),
});

/** The licence of a GitLab. */
export const licence = z.object({
  /** As in GitLab's GraphQL API: `offline_cloud`, `online_cloud`, `legacy_license`; other versions use other names. */
  type: word,
  plan: word,
  /** A date; null if it does not expire. */
  expiresAt: z.iso.date().nullable(),
});

/** Facts about the GitLab at the given address; nothing else was contacted. `null` means "unknown". */
export const gitlabFacts = z.object({
  url: text,
  /** Whether a server answered at that address. */
  isReachable: z.boolean(),
  /** Why there was no answer. */
  why: text.nullable(),
  /** The HTTP status of `/-/health`. */
  healthStatus: z.int().nullable().optional(),
  /** Whether the server showed itself as GitLab: by its health check or its OpenID configuration. */
  isGitlab: z.boolean().optional(),
  /** True when a stand-in of Sealift answered. */
  simulated: z.boolean().optional(),
  /** The target of the redirect that the address answers with. It was not followed. */
  redirectsTo: text.optional(),
  /** Where the server's OpenID configuration places GitLab; the gateway fetches GitLab's keys from there. */
  ownUrl: text.optional(),
  /** Null for http. */
  tls: tls.nullable(),
  /** How far GitLab's clock is ahead of this machine's, from its `Date` header; accurate to about half a second. */
  clockAheadSeconds: z.number().nullable(),
  /** Only available with a token. */
  version: z.string().max(50).nullable(),
  /** Why the version could not be read with the given token. */
  versionWhy: text.nullable().optional(),
  /** Only available with an administrator's token. The licence holder is not queried. */
  licence: licence.nullable().optional(),
  /** Why the licence could not be read with the given token. */
  licenceWhy: text.nullable().optional(),
});
export type GitlabFacts = z.infer<typeof gitlabFacts>;
