/** The most attached documents of one image. */
export const maxAttached = 32;
/** In an index of a medium: marks a manifest that is no content by itself, with the digest of the image that it is about. */
export const attachedAnnotation = 'org.sealift.attached';

/** What decides what an attached document is. */
export interface AttachedFacts {
  /** Its artifact type, or what its layers say: media types and predicate types. */
  types: readonly string[];
  /** The tag by which it is found, as cosign makes it. */
  tag?: string | undefined;
}

const kinds: [RegExp, string][] = [
  [/vnd\.dev\.cosign\.(artifact\.sig|simplesigning)|sigstore\.dev\/cosign\/sign/, 'signature (cosign)'],
  [/vnd\.cncf\.notary\.signature/, 'signature (Notation)'],
  [/spdx|cyclonedx|syft|\.artifact\.sbom/i, 'SBOM'],
  [/slsa\.dev\/provenance/, 'provenance'],
  [/dev\.sigstore\.bundle/, 'Sigstore bundle'],
  [/in-toto|vnd\.dsse/, 'attestation'],
];

/** Returns what people call a document that is attached to an image: `SBOM`, `signature (cosign)`, or its type. */
export function attachedWords({ types, tag = '' }: AttachedFacts): string {
  const known = kinds.find(([pattern]) => types.some((type) => pattern.test(type)))?.[1];
  if (known) return known;
  if (tag.endsWith('.sig')) return 'signature (cosign)';
  if (tag.endsWith('.sbom')) return 'SBOM';
  return tag.endsWith('.att') ? 'attestation' : `document of the type ${types[0] ?? 'unknown'}`.slice(0, 200);
}

/**
 * True when an image has signatures, and each is known to be about another digest: that of the index that lists it for its platform. Tools
 * look for signatures of the digest that they have. `subject`: what the document says that it is about.
 */
export function isSignedElsewhere(
  attached: readonly { what: string; tag?: string | undefined; subject?: string | undefined }[],
  digest: string,
): boolean {
  const signed = attached
    .filter(({ what }) => /^(signature|Sigstore bundle)/.test(what))
    .map(({ subject, tag }) => subject ?? tag?.replace(/^sha256-([0-9a-f]{64})\.sig$/, 'sha256:$1'));
  return signed.length > 0 && signed.every((one) => one !== undefined && one !== digest);
}

/** Returns the blobs of a content's own manifest: those of what is attached to it are listed behind them. */
export function ownBlobs<T extends { digest: string }>({
  blobs,
  attached = [],
}: {
  blobs: readonly T[];
  attached?: readonly { digest: string }[] | undefined;
}): T[] {
  const end = blobs.findIndex(({ digest }) => digest === attached[0]?.digest);
  return blobs.slice(0, end === -1 ? blobs.length : end);
}
