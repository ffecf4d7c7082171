import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';

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

/** Makes an image from files (path → content, executable when `mode` says so), gzip layers, one per entry of `layers`. */
export async function smallImage(
  layers: Record<string, Buffer>[],
  config: Record<string, unknown> = {},
  platform = { os: 'linux', architecture: 'amd64' },
): Promise<SmallImage> {
  const tars = await Promise.all(layers.map(tarOf));
  const compressed = tars.map((tar) => blobOf(gzipSync(tar, { level: 1 })));
  const configBlob = blobOf(
    Buffer.from(
      JSON.stringify({
        ...platform,
        config,
        rootfs: { type: 'layers', diff_ids: tars.map((tar) => blobOf(tar).digest) },
      }),
    ),
  );
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

async function tarOf(files: Record<string, Buffer>): Promise<Buffer> {
  const tar = pack();
  for (const [name, content] of Object.entries(files))
    tar.entry({ name, mode: 0o755, size: content.length, mtime: new Date(0) }, content);
  tar.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of tar) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
