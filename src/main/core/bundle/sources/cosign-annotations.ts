import { z } from 'zod';
import { sha256Hex } from '../../files/sha256.ts';
import { jsonOrNothing } from './image-platform.ts';

/** What Rekor, the log of Sigstore, answered when the signature was entered. */
const logEntry = z.object({
  SignedEntryTimestamp: z.base64(),
  Payload: z.object({
    body: z.base64(),
    integratedTime: z.int().min(0),
    logIndex: z.int().min(0),
    logID: z.string().regex(/^[0-9a-f]{2,128}$/),
  }),
});
const logBody = z.object({ kind: z.string(), apiVersion: z.string() });
const timestamp = z.object({ SignedRFC3161Timestamp: z.base64() });
const bundleType = 'application/vnd.dev.sigstore.bundle+json;version=0.1';

/**
 * Returns the Sigstore bundle, as JSON, of a keyless signature whose parts cosign wrote into annotations, as it did until its version 2
 * (https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md). Undefined for a signature by a key.
 */
export function bundleOfAnnotations(annotations: Record<string, string>, signed: Buffer): unknown {
  const certificate = annotations['dev.sigstore.cosign/certificate'];
  if (certificate === undefined) return undefined;
  const entry = jsonOrNothing(bytesOf(annotations['dev.sigstore.cosign/bundle']), logEntry);
  const time = jsonOrNothing(bytesOf(annotations['dev.sigstore.cosign/rfc3161timestamp']), timestamp);
  return {
    mediaType: bundleType,
    verificationMaterial: {
      x509CertificateChain: { certificates: [{ rawBytes: certificate.replace(/-----[^-]*-----|\s/g, '') }] },
      tlogEntries: entry ? [bundleEntry(entry)] : [],
      ...(time && {
        timestampVerificationData: { rfc3161Timestamps: [{ signedTimestamp: time.SignedRFC3161Timestamp }] },
      }),
    },
    messageSignature: {
      messageDigest: { algorithm: 'SHA2_256', digest: Buffer.from(sha256Hex(signed), 'hex').toString('base64') },
      signature: annotations['dev.cosignproject.cosign/signature'] ?? '',
    },
  };
}

function bundleEntry({ SignedEntryTimestamp, Payload }: z.infer<typeof logEntry>): object {
  const { body, integratedTime, logIndex, logID } = Payload;
  const { kind = '', apiVersion = '' } = jsonOrNothing(Buffer.from(body, 'base64'), logBody) ?? {};
  return {
    logIndex: String(logIndex),
    logId: { keyId: Buffer.from(logID, 'hex').toString('base64') },
    kindVersion: { kind, version: apiVersion },
    integratedTime: String(integratedTime),
    inclusionPromise: { signedEntryTimestamp: SignedEntryTimestamp },
    canonicalizedBody: body,
  };
}

function bytesOf(text = ''): Buffer {
  return Buffer.from(text, 'utf8');
}
