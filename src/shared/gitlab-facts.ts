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
  /** As the server sent it, its own certificate first. */
  chain: z.array(certificate).max(10),
  /** `machine`: the certificates that this system trusts; `given`: the file that was named; null: nobody, or not known. */
  trustedBy: z.enum(['machine', 'given']).nullable(),
  /** Why it is not trusted, in OpenSSL's words; null when it is. */
  why: text.nullable(),
});

/** The licence of a GitLab. */
export const licence = z.object({
  /** As GitLab's GraphQL names it: `offline_cloud`, `online_cloud`, `legacy_license`; other versions say it otherwise. */
  type: word,
  plan: word,
  /** A day; null when it has no end. */
  expiresAt: z.iso.date().nullable(),
});

/** What was found out about a GitLab whose address was given, and nothing else was asked. `null` is "not known". */
export const gitlabFacts = z.object({
  url: text,
  /** Whether anything answered there. */
  isReachable: z.boolean(),
  /** Why nothing answered. */
  why: text.nullable(),
  /** The HTTP status of `/-/health`. */
  healthStatus: z.int().nullable().optional(),
  /** Null for http. */
  tls: tls.nullable(),
  /** How far GitLab's clock is ahead of this machine's, from its `Date` header: exact to about half a second. */
  clockAheadSeconds: z.number().nullable(),
  /** Told only to whoever has a token. */
  version: z.string().max(50).nullable(),
  /** Why a token that was given did not tell the version. */
  versionWhy: text.nullable().optional(),
  /** Told only to whoever has the token of an administrator. Who holds it is not asked. */
  licence: licence.nullable().optional(),
  /** Why a token that was given did not tell the licence. */
  licenceWhy: text.nullable().optional(),
});
export type GitlabFacts = z.infer<typeof gitlabFacts>;
