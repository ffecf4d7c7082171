import { z } from 'zod';
import { preAuthEncoding } from '../../signing/dsse.ts';
import type { Descriptor } from '../format/oci-schemas.ts';
import type { AttachedDocument } from './content-source.ts';
import { bundleOfAnnotations } from './cosign-annotations.ts';
import { jsonOrNothing } from './image-platform.ts';
import { type ImageStore, maxCheckedBytes } from './image-store.ts';

/** A signature of an image as cosign stores it, not verified. */
export interface CosignSignature {
  /** What was signed, byte for byte. */
  bytes: Buffer;
  signature: Buffer;
  /** The digest of the image that these bytes name, if they are about an image. */
  digest: string | undefined;
  /** Made with a short-lived key of an identity: what proves that, as a Sigstore bundle in JSON. */
  keyless?: unknown;
}

/** The predicate of a statement that signs an image. */
export const signedPredicate = 'https://sigstore.dev/cosign/sign/v1';
const payloadType = 'application/vnd.dev.cosign.simplesigning.v1+json';
const bundleType = /^application\/vnd\.dev\.sigstore\.bundle\b/;
const signatureAnnotation = 'dev.cosignproject.cosign/signature';
/** What cosign signed until its version 2 (https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md). */
const payload = z.object({
  critical: z.object({
    image: z.object({ 'docker-manifest-digest': z.string() }),
    type: z.literal('cosign container image signature'),
  }),
});
/** What it signs since version 3: a statement in a Sigstore bundle (https://github.com/sigstore/cosign/blob/main/specs/BUNDLE_SPEC.md). */
const bundle = z.object({
  verificationMaterial: z.record(z.string(), z.unknown()),
  dsseEnvelope: z.object({
    payload: z.base64(),
    payloadType: z.literal('application/vnd.in-toto+json'),
    signatures: z
      .array(z.object({ sig: z.base64() }))
      .min(1)
      .max(8),
  }),
});
const statement = z.object({
  predicateType: z.literal(signedPredicate),
  subject: z.array(z.object({ digest: z.object({ sha256: z.string() }) })).length(1),
});

/** Returns the signatures in a document of an image, in both forms that cosign writes. Throws what the store throws. */
export async function readSignatures(
  store: Pick<ImageStore, 'small'>,
  { layers }: Pick<AttachedDocument, 'layers'>,
): Promise<CosignSignature[]> {
  const found: CosignSignature[] = [];
  for (const layer of layers) {
    // No honest signature is larger. Larger documents are attestations.
    if (layer.size > maxCheckedBytes) continue;
    if (layer.mediaType === payloadType) found.push(inAnnotation(layer, await store.small(layer)));
    else if (bundleType.test(layer.mediaType)) found.push(...inBundle(await store.small(layer)));
  }
  return found;
}

function inAnnotation({ annotations = {} }: Descriptor, bytes: Buffer): CosignSignature {
  return {
    bytes,
    signature: Buffer.from(annotations[signatureAnnotation] ?? '', 'base64'),
    digest: jsonOrNothing(bytes, payload)?.critical.image['docker-manifest-digest'],
    keyless: bundleOfAnnotations(annotations, bytes),
  };
}

/** None for a bundle about something else: whoever attests something about an image has not signed it. */
function inBundle(bytes: Buffer): CosignSignature[] {
  const { verificationMaterial = {}, dsseEnvelope } = jsonOrNothing(bytes, bundle) ?? {};
  if (!dsseEnvelope) return [];
  const signed = Buffer.from(dsseEnvelope.payload, 'base64');
  const [subject] = jsonOrNothing(signed, statement)?.subject ?? [];
  if (!subject) return [];
  return dsseEnvelope.signatures.map(({ sig }) => ({
    bytes: preAuthEncoding(dsseEnvelope.payloadType, signed),
    signature: Buffer.from(sig, 'base64'),
    digest: `sha256:${subject.digest.sha256}`,
    ...(verificationMaterial.publicKey === undefined && { keyless: JSON.parse(bytes.toString('utf8')) }),
  }));
}
