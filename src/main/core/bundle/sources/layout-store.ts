import { sha256Digest } from '../../files/sha256.ts';
import { type Descriptor, imageIndex, imageManifest } from '../format/oci-schemas.ts';
import type { BlobSource } from './content-source.ts';
import { type ImageFiles, readSmall } from './image-files.ts';
import { allNames } from './image-names.ts';
import { jsonOrNothing } from './image-platform.ts';
import { type FetchedDocument, type ImageStore, maxCheckedBytes } from './image-store.ts';
import { blobName, blobSource } from './layout-blobs.ts';
import { manifestTypes } from './manifest-types.ts';

/** A layout may hold many images; as many of its manifests are read to find what refers to one. */
const maxRead = 1000;

/**
 * An OCI layout as a store of what is attached to its images: under tags, listed with a subject as `oras cp -r` writes it, or in the index that
 * stands under a tag. All methods throw `file.denied`, `medium.gone`, `pack.not-an-image`.
 */
export class LayoutStore implements ImageStore {
  readonly name: string;
  readonly #files: ImageFiles;
  readonly #rows: readonly Descriptor[];

  constructor(files: ImageFiles, rows: readonly Descriptor[]) {
    this.name = files.root;
    this.#files = files;
    this.#rows = rows;
  }

  async manifestIfAny(reference: string): Promise<FetchedDocument | undefined> {
    const isNamed = (one: Descriptor) =>
      one.digest === reference || allNames(one).some((name) => name === reference || name.endsWith(`:${reference}`));
    const row = this.#rows.find(isNamed);
    const digest = row?.digest ?? reference;
    const bytes = digest.includes(':') ? await readSmall(this.#files, blobName({ digest })) : undefined;
    if (!bytes || sha256Digest(bytes) !== digest) return undefined;
    const mediaType = row?.mediaType ?? jsonOrNothing(bytes, imageManifest)?.mediaType ?? manifestTypes[0] ?? '';
    return { bytes, digest, mediaType };
  }

  async referrers(digest: string): Promise<Descriptor[]> {
    const found: Descriptor[] = [];
    for (const row of this.#rows.slice(0, maxRead)) {
      const bytes = await readSmall(this.#files, blobName(row));
      const manifest = bytes && jsonOrNothing(bytes, imageManifest);
      if (manifest?.subject?.digest !== digest) continue;
      const { artifactType = manifest.config.mediaType, annotations } = manifest;
      found.push({ ...row, artifactType, ...(annotations && { annotations }) });
    }
    const tagged = await this.manifestIfAny(digest.replace(':', '-'));
    return [...found, ...((tagged && jsonOrNothing(tagged.bytes, imageIndex)?.manifests) ?? [])];
  }

  async hasBlob(one: Descriptor): Promise<boolean> {
    const range = await this.#files.find(blobName(one));
    if (range?.sizeBytes !== one.size) return false;
    return one.size > maxCheckedBytes || sha256Digest(await this.small(one)) === one.digest;
  }

  async small(one: Descriptor): Promise<Buffer> {
    return (await readSmall(this.#files, blobName(one))) ?? Buffer.alloc(0);
  }

  async source(one: Descriptor): Promise<BlobSource> {
    return blobSource(this.#files, one);
  }
}
