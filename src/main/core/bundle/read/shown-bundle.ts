import type { z } from 'zod';
import type { BundleEvidence } from '../../../../shared/bundle-evidence.ts';
import type { bundleSignature, inspect } from '../../../../shared/contract/bundle-read.ts';
import type { OutputOf } from '../../../../shared/rpc/contract.ts';
import { fingerprintToWords } from '../../signing/fingerprint.ts';
import type { OpenBundle } from './open-media.ts';

type ShownMedium = OutputOf<typeof inspect>['media'][number];

/** Returns the inserted media of a bundle as the contract shows them. */
export function shownMedia(open: OpenBundle): ShownMedium[] {
  return open.media.map(({ ordinal, label, root, payload, keyId, isTrusted }) => ({
    ordinal,
    label,
    ...(root !== undefined && { path: root }),
    sizeBytes: payload.files.reduce((sum, file) => sum + file.sizeBytes, 0),
    files: payload.files.length,
    signature: { keyId, words: fingerprintToWords(keyId), trusted: isTrusted },
  }));
}

/** Returns what the head says about who packed the bundle and how it was scanned; empty without a head. */
export function evidenceOf({ head }: Pick<OpenBundle, 'head'>): BundleEvidence {
  const { packedBy, scan } = head?.payload ?? {};
  return { ...(packedBy !== undefined && { packedBy }), ...(scan && { scan }) };
}

/** Who signed a bundle, as the contract shows it. */
export function shownSignature(open: OpenBundle): z.infer<typeof bundleSignature> {
  const { keyId, isTrusted, overrideReason } = open.signature;
  const { second } = open;
  return {
    keyId,
    words: fingerprintToWords(keyId),
    trusted: isTrusted,
    ...(overrideReason !== undefined && { overrideReason }),
    ...(second && {
      second: { keyId: second.keyId, words: fingerprintToWords(second.keyId), trusted: second.isTrusted },
    }),
  };
}
