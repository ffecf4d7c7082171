import { boundedText } from '../../../../shared/bounded-text.ts';
import { plainLine } from '../../../../shared/plain-text.ts';
import type { ByteRange } from '../../files/source-folder.ts';
import type { RemoteAccess, RemoteRange } from '../../remote/remote-access.ts';
import { shortUrl } from '../../remote/remote-bytes.ts';
import type { BundleContent, Origin } from '../format/format.ts';
import type { Descriptor } from '../format/oci-schemas.ts';
import type { SaveResult } from './save-order.ts';

/** The source of one blob. Equal keys mean equal bytes; different keys may turn out to have equal bytes too. */
export interface BlobSource {
  key: string;
  /** Known beforehand (`sha256:…`), then checked while copying. */
  digest?: string;
  /** Of a compressed layer: the digest that its image's configuration has for it unpacked, checked while copying. */
  diffId?: string | undefined;
  range: ByteRange | RemoteRange;
  /** How a remote source is asked. It may hold a login. */
  access?: RemoteAccess;
}

/** What a name that can change stands for. */
export interface Pin {
  name: string;
  value: string;
}

/** A file of a model or file set. Equal keys mean equal bytes. */
export interface NamedBlob {
  name: string;
  key: string;
  sizeBytes: number;
}

/** A document that is attached to an image: a signature, an SBOM, an attestation. */
export interface AttachedDocument {
  digest: string;
  /** Its manifest, byte for byte. */
  bytes: Buffer;
  mediaType: string;
  artifactType?: string;
  /** The tag by which cosign finds it. */
  tag?: string;
  /** What people call it. */
  what: string;
  layers: Descriptor[];
  /** Its configuration and layers. */
  blobs: { digest: string; sizeBytes: number }[];
}

/** The parts of a content that need the digests of its blobs. */
export interface FinishedContent {
  /** Blobs that have no source: a config of ours. */
  made: Buffer[];
  manifest: Buffer;
  mediaType: string;
  artifactType?: string;
  /** Config first, then layers, as in the manifest. */
  blobs: { digest: string; sizeBytes: number }[];
}

/** An image that its engine streams while packing; its digests and sizes are known only then. */
export interface SavedImage {
  /** The engine's address. */
  engine: string;
  reference: string;
  /** The engine's id of the image. */
  imageId: string;
  /** The space that the image takes on the media, by the engine's own figures. */
  estimateBytes: number;
  /** Takes what the stream held. Call it before `finish`. */
  take(saved: SaveResult): void;
}

/** One content, found and checked, but not read. */
export interface ContentSource {
  kind: BundleContent['kind'];
  name: string;
  source: string;
  /** The addresses that it is fetched from, without what logs in there. */
  origins?: Origin[];
  licence?: string;
  isPublisherDigest: boolean;
  /** Of an image: what travels with it. Its manifests are among what `finish` made, its blobs among `blobs`. */
  attached?: AttachedDocument[];
  /** Of a model that no engine can load as it is: why it is packed, and what is wrong with it. */
  packedAnyway?: BundleContent['packedAnyway'];
  /** Limits of the other side that this content may meet, in sentences. */
  warnings?: string[];
  /** Of a file set: packages for a machine. */
  packages?: BundleContent['packages'];
  /** Empty for an image that an engine streams. */
  blobs: BlobSource[];
  saved?: SavedImage;
  /** Real paths of the sources named in the bundle description. */
  roots: string[];
  /** Upper bound for manifest and generated blobs together. */
  madeBytes: number;
  /** What names that can change stand for now, to be kept in the lock file. */
  pins?: Pin[];
  /** What the packer should know of this source: what is left out, and why. */
  notes?: string[];
  finish(digestOf: (key: string) => string): FinishedContent;
}

/** Returns where the bytes of a blob are: a path, or an address without its query, which may hold a signature. */
export function placeOf({ range }: Pick<BlobSource, 'range'>): string {
  return 'url' in range ? shortUrl(range.url) : range.path;
}

/** Returns the blobs of a source that are placed one by one; those generated for it are not included. */
export function plannedBlobs({ kind, name, blobs, saved }: ContentSource): { key: string; sizeBytes: number }[] {
  if (saved) return [{ key: `saved ${kind} ${name}`, sizeBytes: saved.estimateBytes }];
  return blobs.map(({ key, range }) => ({ key, sizeBytes: range.sizeBytes }));
}

/** Says where a content came from as the signed list takes it: on one line, escaped and bounded, whatever a path or an address contains. */
export function sourceText(text: string): string {
  return boundedText(plainLine(text));
}
