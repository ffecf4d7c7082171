import { z } from 'zod';

const prefix = 'sha256:';

/** A SHA-256 as 64 lower-case hex digits, the form of file names and of signed lists. */
export const hexDigest = z.string().regex(/^[0-9a-f]{64}$/);
/** A SHA-256 as OCI writes it, as part of a regular expression. */
export const digestPattern = `${prefix}[0-9a-f]{64}`;
/** A SHA-256 as OCI writes it: `sha256:` and 64 lower-case hex digits. */
export const digest = z.string().regex(new RegExp(`^${digestPattern}$`));

/** Returns the hex digits of a digest. Throws when the text has no `sha256:`: the caller already had the hex digits. */
export function hexOf(text: string): string {
  if (!text.startsWith(prefix)) throw new Error(`"${text.slice(0, 80)}" is not a digest`);
  return text.slice(prefix.length);
}

/** Returns the digest that OCI writes for these hex digits. */
export function digestOf(hex: string): string {
  return prefix + hex;
}

/** Returns the first 12 hex digits of a digest or of an engine's id, which some engines write without `sha256:`. */
export function shortHex(digestOrId: string): string {
  return digestOrId.replace(prefix, '').slice(0, 12);
}
