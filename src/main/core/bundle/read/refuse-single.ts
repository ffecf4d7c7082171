import { appError } from '../../../../shared/errors/app-error.ts';
import { fingerprintToWords } from '../../signing/fingerprint.ts';
import { requiredSignatures } from '../../signing/trust.ts';
import type { OpenBundle } from './open-media.ts';

/** A bundle that has the signatures which this data folder wants, as far as it was seen. */
export interface SignedBundle extends OpenBundle {
  /** The second signature is required, and its medium was not seen yet: no one may get to use anything of the bundle before. */
  awaitsSecond: boolean;
}

/**
 * Returns the bundle if it has as many signatures as this data folder wants, or if the medium with the second was not seen yet. Throws
 * `bundle.one-signature` when it was seen and lacks one by a trusted key.
 */
export async function refuseSingle(open: OpenBundle, trustFile: string): Promise<SignedBundle> {
  const { head, second, signature } = open;
  const isEnough = signature.overrideReason !== undefined || second?.isTrusted === true;
  if (isEnough || (await requiredSignatures(trustFile)) < 2) return { ...open, awaitsSecond: false };
  if (!head) return { ...open, awaitsSecond: true };
  throw appError('bundle.one-signature', {
    name: head.payload.name,
    second: second ? fingerprintToWords(second.keyId) : '',
    isOnePerson: open.isOnePerson,
  });
}
