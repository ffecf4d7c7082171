import { appError } from '../../../../shared/errors/app-error.ts';
import { fingerprintToWords } from '../../signing/fingerprint.ts';
import { requiredSignatures } from '../../signing/trust.ts';
import type { OpenBundle } from './open-media.ts';

/**
 * Throws `bundle.one-signature` when this data folder wants two signatures and the bundle lacks a second one by a trusted key. A bundle
 * whose head was not seen yet passes: nothing of it is complete before that.
 */
export async function refuseSingle({ head, second, signature }: OpenBundle, trustFile: string): Promise<void> {
  if (!head || signature.overrideReason !== undefined || second?.isTrusted) return;
  if ((await requiredSignatures(trustFile)) < 2) return;
  throw appError('bundle.one-signature', {
    name: head.payload.name,
    second: second ? fingerprintToWords(second.keyId) : '',
  });
}
