import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';
import type { RegistryContent } from '../../src/main/core/import/images/loopback-registry.ts';

/** A blob with its digest. */
export interface Blob {
  digest: string;
  bytes: Buffer;
}

/** A one-layer OCI image made on the spot. */
export interface SmallImage {
  manifest: Blob;
  config: Blob;
  layers: Blob[];
}

export const manifestType = 'application/vnd.oci.image.manifest.v1+json';

/** Names bytes by their digest. */
export function blobOf(bytes: Buffer): Blob {
  return { bytes, digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}` };
}

/** Makes an image from files (path → content, executable when `mode` says so), gzip layers, one per entry of `layers`; `owner` has all files. */
export async function smallImage(
  layers: Record<string, Buffer>[],
  config: Record<string, unknown> = {},
  platform = { os: 'linux', architecture: 'amd64' },
  owner = 0,
): Promise<SmallImage> {
  const tars = await Promise.all(layers.map((files) => tarOf(files, owner)));
  const compressed = tars.map((tar) => blobOf(gzipSync(tar, { level: 1 })));
  const diffIds = tars.map((tar) => blobOf(tar).digest);
  return imageOf(compressed, { ...platform, config, rootfs: { type: 'layers', diff_ids: diffIds } });
}

/**
 * An image whose last layer is small and unpacks to `unpackedBytes` of zeros, above the layers of `below`. An engine must not
 * unpack it to the end.
 */
export async function bombImage(unpackedBytes: number, below: Record<string, Buffer>[] = []): Promise<SmallImage> {
  const { layers, config } = await smallImage(below);
  const known = JSON.parse(config.bytes.toString());
  const tar = pack();
  tar.entry({ name: 'zeros', size: unpackedBytes }).on('error', () => undefined);
  const [header] = (await once(tar, 'data')) as [Buffer];
  tar.destroy();
  // A gzip file may consist of many, one after another.
  const pieceOfZeros = Buffer.alloc(pieceBytes);
  const zeros = gzipSync(pieceOfZeros);
  const pieces = Array.from({ length: Math.ceil(unpackedBytes / pieceBytes) }, () => zeros);
  const bomb = blobOf(Buffer.concat([gzipSync(header), ...pieces]));
  const unpacked = createHash('sha256').update(header);
  for (const _ of pieces) unpacked.update(pieceOfZeros);
  known.rootfs.diff_ids.push(`sha256:${unpacked.digest('hex')}`);
  return imageOf([...layers, bomb], known);
}

const pieceBytes = 16 * 1024 * 1024;

function imageOf(compressed: Blob[], config: object): SmallImage {
  const configBlob = blobOf(Buffer.from(JSON.stringify(config)));
  const manifest = {
    schemaVersion: 2,
    mediaType: manifestType,
    config: {
      mediaType: 'application/vnd.oci.image.config.v1+json',
      digest: configBlob.digest,
      size: configBlob.bytes.length,
    },
    layers: compressed.map((layer) => ({
      mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip',
      digest: layer.digest,
      size: layer.bytes.length,
    })),
  };
  return { manifest: blobOf(Buffer.from(JSON.stringify(manifest))), config: configBlob, layers: compressed };
}

/** The image as a registry or an archive takes it from an import. */
export function contentOf({ manifest, config, layers }: SmallImage): RegistryContent {
  const blobs = new Map([config, ...layers].map((blob) => [blob.digest, blob.bytes]));
  return {
    manifest: () => ({ bytes: manifest.bytes, mediaType: manifestType }),
    blob: (digest) => {
      const bytes = blobs.get(digest) ?? Buffer.alloc(0);
      return {
        sizeBytes: bytes.length,
        async *read() {
          yield bytes;
        },
      };
    },
  };
}

async function tarOf(files: Record<string, Buffer>, uid: number): Promise<Buffer> {
  const tar = pack();
  for (const [name, content] of Object.entries(files))
    tar.entry({ name, mode: 0o755, uid, gid: uid, size: content.length, mtime: new Date(0) }, content);
  tar.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of tar) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
