import { bytesText } from '../../../../shared/bytes-text.ts';
import { countText } from '../../../../shared/count-text.ts';
import { hexOf } from '../../../../shared/digest.ts';
import { isPlainLine } from '../../../../shared/plain-text.ts';
import { attachedWords, isSignedElsewhere, maxAttached } from '../format/attached.ts';
import { type Descriptor, imageIndex, imageManifest } from '../format/oci-schemas.ts';
import type { AttachedDocument, ContentSource } from './content-source.ts';
import { signedPredicate } from './cosign-signatures.ts';
import { jsonOrNothing } from './image-platform.ts';
import type { FetchedDocument, ImageStore } from './image-store.ts';
import { manifestTypes } from './manifest-types.ts';

/** All documents of one image together. An SBOM of a large image has some ten megabytes. */
const maxBytes = 128 * 1024 * 1024;
/** As many are looked at for a signature that must be there. */
const maxOpened = 256;
/** Rows of an index and of the signed list, and entries in the lists of files. */
const rowBytes = 4096;

/** What is attached to an image, as a part of its content. */
export type AttachedParts = Pick<ContentSource, 'attached' | 'notes' | 'blobs' | 'madeBytes'> & { made: Buffer[] };

/** Finds the document that must be among those of an image, and returns its digest and who signed; throws when there is none. */
export type FindProof = (documents: readonly AttachedDocument[]) => Promise<{ digest: string; by: string }>;

/** A document as its store names it. `subject`: it must say that it is about this digest. */
interface Found {
  digest: string;
  document?: FetchedDocument;
  tag?: string;
  subject?: string;
}

interface Opened extends AttachedDocument {
  parts: Descriptor[];
  /** What it says that it is about. */
  subject?: string;
}

/**
 * Finds the signatures, SBOMs and attestations of an image: OCI referrers, the tags that cosign makes, and the attestations that BuildKit
 * puts into an index. Those of the index count too, since that is what publishers sign. Documents beyond the bounds are left out, and said;
 * the one that `findProof` returns never is. Throws what the store and `findProof` throw.
 */
export async function findAttached(
  store: ImageStore,
  image: { top: FetchedDocument; chosen: FetchedDocument },
  findProof?: FindProof,
): Promise<AttachedParts & { provedBy?: string }> {
  const found = await listAttached(store, image);
  const opened: Opened[] = [];
  for (const one of found.slice(0, findProof ? maxOpened : maxAttached)) {
    const document = await open(store, one);
    if (document) opened.push(document);
  }
  const proof = await findProof?.(opened);
  const first = opened.filter(({ digest }) => digest === proof?.digest);
  const documents = withinBounds([...first, ...opened.filter(({ digest }) => digest !== proof?.digest)]);
  const blobs = await Promise.all(documents.flatMap(({ parts }) => parts.map((one) => store.source(one))));
  return {
    attached: documents.map(({ parts, subject, ...document }) => document),
    notes: [...leftOut(store, found.length - documents.length), ...overIndex(store, documents, image.chosen)],
    blobs,
    made: documents.map(({ bytes }) => bytes),
    madeBytes: documents.reduce((sum, { bytes }) => sum + bytes.length + rowBytes, 0),
    ...(proof && { provedBy: proof.by }),
  };
}

async function listAttached(
  store: ImageStore,
  image: { top: FetchedDocument; chosen: FetchedDocument },
): Promise<Found[]> {
  const found = new Map<string, Found>();
  const add = (one: Found) => void (found.has(one.digest) || found.set(one.digest, one));
  const subjects = [...new Set([image.chosen.digest, image.top.digest])];
  // First, since the tag is how their tools find them, also where a list has them too.
  for (const subject of subjects) {
    for (const ending of ['sig', 'att', 'sbom']) {
      const tag = `sha256-${hexOf(subject)}.${ending}`;
      const document = await store.manifestIfAny(tag);
      if (document) add({ digest: document.digest, document, tag });
    }
  }
  for (const subject of subjects)
    for (const { digest } of signaturesFirst(await store.referrers(subject))) add({ digest, subject });
  for (const { digest } of attestations(image)) add({ digest });
  return [...found.values()];
}

function withinBounds<T extends Pick<AttachedDocument, 'bytes' | 'blobs'>>(documents: readonly T[]): T[] {
  let left = maxBytes;
  return documents
    .filter(({ bytes, blobs }) => {
      const size = blobs.reduce((sum, { sizeBytes }) => sum + sizeBytes, bytes.length);
      if (size > left) return false;
      left -= size;
      return true;
    })
    .slice(0, maxAttached);
}

function leftOut({ name }: ImageStore, count: number): string[] {
  if (count === 0) return [];
  const limits = `at most ${maxAttached} that are manifests about it, with ${bytesText(maxBytes)} together`;
  const which = `${countText(count, 'document')} attached to ${name} ${count === 1 ? 'is' : 'are'} not packed`;
  return [`${which}: gone or damaged where they are stored, or more than an image takes (${limits}).`];
}

function overIndex({ name }: ImageStore, documents: readonly Opened[], { digest }: FetchedDocument): string[] {
  if (!isSignedElsewhere(documents, digest)) return [];
  return [
    `${name} is signed for all platforms together. Only one is packed, so cosign can't check that signature at the site; the bundle's signature covers the image.`,
  ];
}

/** Undefined for what is no document about the image, or is not all there. */
async function open(store: ImageStore, { digest, document, tag, subject }: Found): Promise<Opened | undefined> {
  const one = document ?? (await store.manifestIfAny(digest));
  if (!one) return undefined;
  const { bytes, mediaType } = one;
  const manifest = jsonOrNothing(bytes, imageManifest);
  if (!manifest || !manifestTypes.includes(mediaType)) return undefined;
  if (subject !== undefined && manifest.subject?.digest !== subject) return undefined;
  const parts = [manifest.config, ...manifest.layers];
  const type = manifest.artifactType ?? manifest.config.mediaType;
  const size = parts.reduce((sum, part) => sum + part.size, bytes.length);
  if (size > maxBytes || !isPlainLine(type)) return undefined;
  for (const part of parts) if (!(await store.hasBlob(part))) return undefined;
  const layers = [
    ...Object.values(manifest.annotations ?? {}),
    ...manifest.layers.flatMap((one) => [one.mediaType, ...Object.values(one.annotations ?? {})]),
  ];
  return {
    digest,
    bytes,
    mediaType,
    what: attachedWords({ types: [type, ...layers.filter((one) => one.length <= 200 && isPlainLine(one))], tag }),
    layers: manifest.layers,
    blobs: parts.map((one) => ({ digest: one.digest, sizeBytes: one.size })),
    parts,
    ...(manifest.artifactType !== undefined && { artifactType: manifest.artifactType }),
    ...(tag !== undefined && { tag }),
    ...(manifest.subject && { subject: manifest.subject.digest }),
  };
}

/** So that many other documents push none of them out. */
function signaturesFirst(listed: readonly Descriptor[]): Descriptor[] {
  const rankOf = ({ artifactType = '', annotations = {} }: Descriptor) => {
    // Attestations are Sigstore bundles too.
    if (annotations['dev.sigstore.bundle.predicateType'] === signedPredicate) return 0;
    return /sigstore\.bundle|cosign|signature/.test(artifactType) ? 1 : 2;
  };
  return listed.toSorted((one, other) => rankOf(one) - rankOf(other));
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
