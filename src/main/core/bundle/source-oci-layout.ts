import type { z } from 'zod';
import type { ImageFileSpec } from '../../../shared/bundle-spec.ts';
import { appError } from '../../../shared/errors/app-error.ts';
import type { BlobSource, ContentSource, FinishedContent } from './source-content.ts';
import { type ImageFiles, readSmall } from './source-image-files.ts';
import { type Descriptor, imageIndex, imageManifest, sha256Digest } from './source-oci-schemas.ts';
import { pickDescriptor, refuseOtherPlatform } from './source-platform.ts';

const manifestTypes = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
];
const indexTypes = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
];
const maxDepth = 4;

/** Opens the image that `spec` names in an OCI layout; its manifest and blobs stay byte for byte. */
export async function openOciLayout(
  files: ImageFiles,
  spec: ImageFileSpec,
  options: { isPublisherDigest: boolean },
): Promise<ContentSource> {
  const chosen = await findManifest(files, spec);
  const bytes = await readBlob(files, chosen);
  const { config, layers, artifactType } = parse(files, imageManifest, bytes, `manifest ${chosen.digest}`);
  refuseOtherPlatform(files.root, spec, await readBlob(files, config));
  const all = [config, ...layers];
  const finished: FinishedContent = {
    made: [],
    manifest: bytes,
    mediaType: chosen.mediaType,
    ...(artifactType && { artifactType }),
    blobs: all.map((one) => ({ digest: one.digest, sizeBytes: one.size })),
  };
  return {
    kind: 'image',
    name: spec.reference,
    source: `${files.isArchive ? 'archive' : 'OCI layout'} ${spec.path}`.slice(0, 500),
    ...(spec.licence && { licence: spec.licence }),
    isPublisherDigest: options.isPublisherDigest,
    blobs: await Promise.all(all.map((one) => blobSource(files, one))),
    roots: [files.root],
    madeBytes: bytes.length,
    finish: () => finished,
  };
}

async function findManifest(files: ImageFiles, spec: ImageFileSpec): Promise<Descriptor> {
  const top = await readSmall(files, 'index.json');
  let list = parse(files, imageIndex, top ?? Buffer.from('{}'), 'index.json').manifests;
  for (let depth = 0; depth < maxDepth; depth += 1) {
    const chosen = pickDescriptor(files.root, list, spec, depth === 0);
    if (manifestTypes.includes(chosen.mediaType)) return chosen;
    if (!indexTypes.includes(chosen.mediaType)) break;
    list = parse(files, imageIndex, await readBlob(files, chosen), `index ${chosen.digest}`).manifests;
  }
  throw appError('pack.not-an-image', { path: files.root, reason: 'its index leads to no image manifest' });
}

async function blobSource(files: ImageFiles, one: Descriptor): Promise<BlobSource> {
  const range = await files.find(blobName(one));
  if (!range) throw appError('pack.not-an-image', { path: files.root, reason: `the blob ${one.digest} is missing` });
  if (range.sizeBytes !== one.size) {
    const reason = `the blob ${one.digest} has ${range.sizeBytes} bytes and should have ${one.size}`;
    throw appError('pack.not-an-image', { path: files.root, reason });
  }
  return { key: one.digest, digest: one.digest, range };
}

async function readBlob(files: ImageFiles, one: Descriptor): Promise<Buffer> {
  await blobSource(files, one);
  const bytes = (await readSmall(files, blobName(one))) ?? Buffer.alloc(0);
  const found = sha256Digest(bytes);
  if (found !== one.digest) throw appError('pack.source-damaged', { path: files.root, expected: one.digest, found });
  return bytes;
}

function blobName(one: Descriptor): string {
  return `blobs/${one.digest.replace(':', '/')}`;
}

function parse<T>(files: ImageFiles, schema: z.ZodType<T>, bytes: Buffer, what: string): T {
  try {
    return schema.parse(JSON.parse(bytes.toString('utf8')));
  } catch (error) {
    throw appError('pack.not-an-image', { path: files.root, reason: `its ${what} is not valid` }, error);
  }
}
