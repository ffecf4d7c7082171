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

/** Attaches a document to a manifest (or to a digest that does not exist) as `oras attach` does, and returns how its index lists it. */
export function orasAttach(registry: TokenRegistry, subject: Buffer | string, artifactType: string, document: Buffer) {
  const config = Buffer.from('{}');
  const manifest = {
    schemaVersion: 2,
    mediaType: manifestType,
    artifactType,
    config: describe('application/vnd.oci.empty.v1+json', config),
    layers: [describe(artifactType, document)],
    subject:
      typeof subject === 'string'
        ? { mediaType: manifestType, digest: subject, size: 1 }
        : describe(manifestType, subject),
  };
  const made = registry.addManifest(manifest, [config, document]);
  return { mediaType: manifestType, digest: made, size: JSON.stringify(manifest).length, artifactType };
}

/** Signs a manifest as cosign does since version 3: a Sigstore bundle that refers to it. Returns how an index of referrers lists it. */
export function cosignBundle(
  registry: TokenRegistry,
  key: KeyObject,
  subject: Buffer,
  { signed = digestOf(subject), predicateType = 'https://sigstore.dev/cosign/sign/v1', isKeyless = false } = {},
) {
  const [type, payloadType] = ['application/vnd.dev.sigstore.bundle.v0.3+json', 'application/vnd.in-toto+json'];
  const statement = Buffer.from(
    JSON.stringify({
      _type: 'https://in-toto.io/Statement/v1',
      subject: [{ digest: { sha256: signed.slice(7) }, annotations: {} }],
      predicateType,
      predicate: {},
    }),
  );
  const encoded = Buffer.concat([
    Buffer.from(`DSSEv1 ${payloadType.length} ${payloadType} ${statement.length} `),
    statement,
  ]);
  const bundle = Buffer.from(
    JSON.stringify({
      mediaType: type,
      verificationMaterial: isKeyless ? { certificate: { rawBytes: 'AAAA' } } : { publicKey: { hint: 'AAAA' } },
      dsseEnvelope: {
        payload: statement.toString('base64'),
        payloadType,
        signatures: [{ sig: sign('sha256', encoded, key).toString('base64') }],
      },
    }),
  );
  const config = Buffer.from('{}');
  const manifest = {
    schemaVersion: 2,
    mediaType: manifestType,
    artifactType: type,
    config: describe('application/vnd.oci.empty.v1+json', config),
    layers: [describe(type, bundle)],
    subject: describe(manifestType, subject),
    annotations: { 'dev.sigstore.bundle.content': 'dsse-envelope', 'dev.sigstore.bundle.predicateType': predicateType },
  };
  const digest = registry.addManifest(manifest, [config, bundle]);
  return { mediaType: manifestType, digest, size: JSON.stringify(manifest).length, artifactType: type };
}
