import { bytesText } from '../../../../shared/bytes-text.ts';
import { countText } from '../../../../shared/count-text.ts';
import { hexOf } from '../../../../shared/digest.ts';
import { AppError } from '../../../../shared/errors/app-error.ts';
import { isPlainLine } from '../../../../shared/plain-text.ts';
import { attachedWords, maxAttached } from '../format/attached.ts';
import { type Descriptor, imageIndex, imageManifest } from '../format/oci-schemas.ts';
import type { AttachedDocument, BlobSource } from './content-source.ts';
import { jsonOrNothing } from './image-platform.ts';
import { manifestTypes } from './oci-layout.ts';
import type { FetchedDocument, Registry } from './registry.ts';

/** All documents of one image together. An SBOM of a large image has some ten megabytes. */
const maxBytes = 128 * 1024 * 1024;

/** What is attached to an image: documents, their blobs, and what the packer should know about those that stay behind. */
export interface AttachedSource {
  documents: AttachedDocument[];
  blobs: BlobSource[];
  notes: string[];
}

/** A document as its registry names it. `subject`: it must say that it is about this digest. */
interface Found {
  digest: string;
  document?: FetchedDocument;
  tag?: string;
  subject?: string;
}

/**
 * Finds the signatures, SBOMs and attestations of an image: OCI referrers, the tags that cosign makes, and the attestations that BuildKit
 * puts into an index. Those of the index count too, since that is what publishers sign. Documents beyond the bounds are left out, and said.
 * Throws `remote.*`.
 */
export async function findAttached(
  registry: Registry,
  image: { top: FetchedDocument; chosen: FetchedDocument },
): Promise<AttachedSource> {
  const found = new Map<string, Found>();
  const add = (one: Found) => void (found.has(one.digest) || found.set(one.digest, one));
  const subjects = [...new Set([image.chosen.digest, image.top.digest])];
  // First, since the tag is how their tools find them, also where a list has them too.
  for (const subject of subjects) {
    for (const ending of ['sig', 'att', 'sbom']) {
      const tag = `sha256-${hexOf(subject)}.${ending}`;
      const document = await registry.manifestIfAny(tag);
      if (document) add({ digest: document.digest, document, tag });
    }
  }
  for (const subject of subjects)
    for (const { digest } of signaturesFirst(await registry.referrers(subject))) add({ digest, subject });
  for (const { digest } of attestations(image)) add({ digest });
  const source: AttachedSource = { documents: [], blobs: [], notes: [] };
  let left = 0;
  for (const one of [...found.values()].slice(0, maxAttached)) left += (await take(registry, one, source)) ? 0 : 1;
  left += Math.max(0, found.size - maxAttached);
  if (left > 0) {
    const limits = `at most ${maxAttached} that are manifests about it, with ${bytesText(maxBytes)} together`;
    const which = `${countText(left, 'document')} attached to ${registry.name} ${left === 1 ? 'is' : 'are'} not packed`;
    source.notes.push(`${which}: gone from the registry, or more than an image takes (${limits}).`);
  }
  return source;
}

/** True when the document was taken. */
async function take(
  registry: Registry,
  { digest, document, tag, subject }: Found,
  into: AttachedSource,
): Promise<boolean> {
  const one = document ?? (await registry.manifestIfAny(digest));
  if (!one) return false;
  const { bytes, mediaType } = one;
  const manifest = jsonOrNothing(bytes, imageManifest);
  if (!manifest || !manifestTypes.includes(mediaType)) return false;
  if (subject !== undefined && manifest.subject?.digest !== subject) return false;
  const parts = [manifest.config, ...manifest.layers];
  const taken = [...into.blobs.map(({ range }) => range.sizeBytes), ...into.documents.map((one) => one.bytes.length)];
  const size = [bytes.length, ...parts.map((part) => part.size), ...taken].reduce((sum, more) => sum + more, 0);
  const type = manifest.artifactType ?? manifest.config.mediaType;
  if (size > maxBytes || !isPlainLine(type) || !(await hasAll(registry, parts))) return false;
  const layers = [
    ...Object.values(manifest.annotations ?? {}),
    ...manifest.layers.flatMap((one) => [one.mediaType, ...Object.values(one.annotations ?? {})]),
  ];
  into.documents.push({
    digest,
    bytes,
    mediaType,
    what: attachedWords({ types: [type, ...layers.filter((one) => one.length <= 200 && isPlainLine(one))], tag }),
    layers: manifest.layers,
    blobs: parts.map((one) => ({ digest: one.digest, sizeBytes: one.size })),
    ...(manifest.artifactType !== undefined && { artifactType: manifest.artifactType }),
    ...(tag !== undefined && { tag }),
  });
  const { access } = registry;
  into.blobs.push(...parts.map((one) => ({ key: one.digest, digest: one.digest, range: registry.blob(one), access })));
  return true;
}

/** Clean-up of a registry may leave a manifest without its blobs, which would stop a pack halfway. */
async function hasAll(registry: Registry, parts: readonly Descriptor[]): Promise<boolean> {
  try {
    for (const one of parts) if (one.size > 0) await registry.start(one, 1);
    return true;
  } catch (error) {
    if (error instanceof AppError && error.code === 'remote.absent') return false;
    throw error;
  }
}

/** So that many other documents push none of them out. */
function signaturesFirst(listed: readonly Descriptor[]): Descriptor[] {
  const isSignature = ({ artifactType = '' }: Descriptor) => /sigstore\.bundle|cosign|signature/.test(artifactType);
  return [...listed.filter(isSignature), ...listed.filter((one) => !isSignature(one))];
}

/** BuildKit lists them beside the platforms of an index, with the digest that each is about. */
function attestations({ top, chosen }: { top: FetchedDocument; chosen: FetchedDocument }): Descriptor[] {
  const { manifests } = jsonOrNothing(top.bytes, imageIndex) ?? { manifests: [] };
  return manifests.filter(
    ({ annotations = {} }) =>
      annotations['vnd.docker.reference.type'] === 'attestation-manifest' &&
      annotations['vnd.docker.reference.digest'] === chosen.digest,
  );
}
