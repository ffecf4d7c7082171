import type { Signer } from '../../signing/dsse.ts';
import { sshSignature } from '../../signing/ssh-signature.ts';
import { sumsFile, sumsSignatureFile } from '../format/format.ts';
import type { PackMedium } from './write-medium.ts';

/**
 * Writes the SHA-256 of every file of a medium, for `sha256sum -c`, and its signature, for `ssh-keygen -Y verify`. The digests are those
 * of the writing pass: nothing is read again. Call it after the last other file.
 */
export async function writeSums(medium: PackMedium, signer: Signer): Promise<void> {
  const rows = medium.allFiles().map(({ path, sha256 }) => `${sha256}  ${path}\n`);
  const sums = Buffer.from(rows.sort((a, b) => (a.slice(64) < b.slice(64) ? -1 : 1)).join(''));
  await medium.addUnlisted(sumsFile, sums);
  await medium.addUnlisted(sumsSignatureFile, Buffer.from(sshSignature(sums, signer)));
}
