import { once } from 'node:events';
import type { PassThrough } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Pack, pack } from 'tar-stream';
import { z } from 'zod';
import { hexOf } from '../../../../shared/digest.ts';
import { appError } from '../../../../shared/errors/app-error.ts';
import { fullReference } from '../../../../shared/image-reference.ts';
import type { StoreKind } from '../../engine/image-identity.ts';
import type { RegistryContent } from './loopback-registry.ts';

/** The contents of an archive. Without a reference the image gets no name. */
export interface ImageArchive {
  manifestDigest: string;
  reference?: string;
  /** Layers below are left out: for engines with graph drivers that have them. */
  fromLayer: number;
  /** The containerd store keeps a manifest only when it comes in an OCI layout; engines with graph drivers read no layouts. */
  store: StoreKind;
  /** Left out of a layout: the containerd store has them. */
  relied?: ReadonlySet<string> | undefined;
}

const imageManifest = z.object({
  config: z.object({ digest: z.string(), size: z.int().nonnegative() }),
  layers: z.array(z.object({ digest: z.string(), size: z.int().nonnegative() })).max(10_000),
});

/** Writes one image as the archive that `load` of an engine takes, and ends the stream. Rejects when anything is unavailable. */
export async function writeImageArchive(
  out: PassThrough,
  content: RegistryContent,
  archive: ImageArchive,
  signal: AbortSignal,
): Promise<void> {
  const { manifestDigest, reference } = archive;
  const found = content.manifest(manifestDigest);
  if (!found)
    throw appError('input.invalid', {
      what: reference ?? manifestDigest,
      issues: ['its manifest is not on these media'],
    });
  const { config, layers } = imageManifest.parse(JSON.parse(found.bytes.toString()));
  const write = archive.store === 'containerd' ? writeLayout : writeDockerArchive;
  // Entries of an archive that is destroyed while they start fail without a listener.
  signal.throwIfAborted();
  const tar = pack();
  const flowing = pipeline(tar, out, { signal });
  const writing = async () => {
    await write({ tar, content, signal }, archive, { ...found, config, layers });
    tar.finalize();
  };
  // When the flow ends, for example because the engine stops reading, the writing ends too.
  await Promise.all([writing(), flowing]);
}

interface Writing {
  tar: Pack;
  content: RegistryContent;
  signal: AbortSignal;
}
type Manifest = z.infer<typeof imageManifest> & { bytes: Buffer; mediaType: string };

async function writeDockerArchive(
  writing: Writing,
  { reference, fromLayer }: ImageArchive,
  manifest: Manifest,
): Promise<void> {
  const layerPath = (digest: string) => `${hexOf(digest)}/layer.tar`;
  const config = `${hexOf(manifest.config.digest)}.json`;
  const layers = manifest.layers.map((layer) => layer.digest);
  const index = [{ Config: config, RepoTags: reference ? [reference] : null, Layers: layers.map(layerPath) }];
  writing.tar.entry({ name: 'manifest.json' }, JSON.stringify(index));
  await writeBlob(writing, config, manifest.config.digest);
  for (const digest of new Set(layers.slice(fromLayer))) await writeBlob(writing, layerPath(digest), digest);
}

async function writeLayout(writing: Writing, { manifestDigest, reference, relied }: ImageArchive, manifest: Manifest) {
  const path = (digest: string) => `blobs/sha256/${hexOf(digest)}`;
  const { bytes, mediaType, config, layers } = manifest;
  const annotations = reference && { 'io.containerd.image.name': fullReference(reference) };
  const row = { mediaType, digest: manifestDigest, size: bytes.length, ...(annotations && { annotations }) };
  writing.tar.entry({ name: 'oci-layout' }, '{"imageLayoutVersion":"1.0.0"}');
  writing.tar.entry({ name: 'index.json' }, JSON.stringify({ schemaVersion: 2, manifests: [row] }));
  writing.tar.entry({ name: path(manifestDigest) }, bytes);
  for (const digest of new Set([config, ...layers].map((one) => one.digest)))
    if (!relied?.has(digest)) await writeBlob(writing, path(digest), digest);
}

async function writeBlob({ tar, content, signal }: Writing, name: string, digest: string): Promise<void> {
  const blob = content.blob(digest);
  if (!blob) throw appError('input.invalid', { what: name, issues: [`blob ${digest} is not on these media`] });
  const entry = tar.entry({ name, size: blob.sizeBytes });
  for await (const chunk of blob.read(signal)) {
    signal.throwIfAborted();
    // The reader reuses its buffers before everything downstream is done with them.
    if (!entry.write(Buffer.from(chunk))) await once(entry, 'drain', { signal });
  }
  entry.end(null);
}
