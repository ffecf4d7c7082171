import { type KeyObject, sign } from 'node:crypto';
import type { TokenRegistry } from '../fakes/token-registry.ts';
import { digestOf } from './make-sources.ts';

const manifestType = 'application/vnd.oci.image.manifest.v1+json';
const describe = (mediaType: string, bytes: Buffer, annotations?: object) => ({
  mediaType,
  size: bytes.length,
  digest: digestOf(bytes),
  ...(annotations && { annotations }),
});

/** Signs a digest in a registry as `cosign sign --key` does. Returns the digest of the signature's manifest. */
export function cosignSign(
  registry: TokenRegistry,
  key: KeyObject,
  digest: string,
  signed = digest,
  more: object = {},
): string {
  const payload = Buffer.from(
    `{"critical":{"identity":{"docker-reference":"${registry.name}"},"image":{"docker-manifest-digest":"${signed}"},"type":"cosign container image signature"},"optional":null}`,
  );
  const diffIds = [digestOf(payload)];
  const [created, rootfs] = ['0001-01-01T00:00:00Z', { type: 'layers', diff_ids: diffIds }];
  const config = Buffer.from(
    JSON.stringify({ architecture: '', created, history: [{ created }], os: '', rootfs, config: {} }),
  );
  const signature = sign('sha256', payload, key).toString('base64');
  const manifest = {
    schemaVersion: 2,
    mediaType: manifestType,
    config: describe('application/vnd.oci.image.config.v1+json', config),
    layers: [
      describe('application/vnd.dev.cosign.simplesigning.v1+json', payload, {
        'dev.cosignproject.cosign/signature': signature,
        ...more,
      }),
    ],
  };
  return registry.addManifest(manifest, [config, payload], `${digest.replace(':', '-')}.sig`);
}

/** Attaches a document to a digest as `oras attach` does, and returns how its index lists it. */
export function orasAttach(registry: TokenRegistry, digest: string, artifactType: string, document: Buffer) {
  const config = Buffer.from('{}');
  const manifest = {
    schemaVersion: 2,
    mediaType: manifestType,
    artifactType,
    config: describe('application/vnd.oci.empty.v1+json', config),
    layers: [describe(artifactType, document)],
    subject: { mediaType: manifestType, digest, size: 1 },
  };
  const made = registry.addManifest(manifest, [config, document]);
  return { mediaType: manifestType, digest: made, size: JSON.stringify(manifest).length, artifactType };
}
