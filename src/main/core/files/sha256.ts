import { createHash } from 'node:crypto';
import { digestOf } from '../../../shared/digest.ts';

/** Returns the SHA-256 of a text or of bytes as 64 hex digits. */
export function sha256Hex(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

/** Returns the SHA-256 of a text or of bytes as OCI writes it: `sha256:` and 64 hex digits. */
export function sha256Digest(content: string | Buffer): string {
  return digestOf(sha256Hex(content));
}
