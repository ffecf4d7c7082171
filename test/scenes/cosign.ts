import { type KeyObject, sign } from 'node:crypto';
import type { TokenRegistry } from '../fakes/token-registry.ts';
import { digestOf } from './make-sources.ts';

const manifestType = 'application/vnd.oci.image.manifest.v1+json';
const bundleType = 'application/vnd.dev.sigstore.bundle.v0.3+json';
const describe = (mediaType: string, bytes: Buffer, annotations?: object) => ({
  mediaType,
  size: bytes.length,
  digest: digestOf(bytes),
  ...(annotations && { annotations }),
});

/** Returns what cosign signs of an image, until its version 2. */
export function simpleSigning(registry: TokenRegistry, digest: string): Buffer {
  return Buffer.from(
    `{"critical":{"identity":{"docker-reference":"${registry.name}"},"image":{"docker-manifest-digest":"${digest}"},"type":"cosign container image signature"},"optional":null}`,
  );
}

/** Signs a digest in a registry as `cosign sign --key` does. Returns the digest of the signature's manifest. */
export function cosignSign(
  registry: TokenRegistry,
  key: KeyObject,
  digest: string,
  signed = digest,
  more: object = {},
): string {
  const payload = simpleSigning(registry, signed);
  const signature = sign('sha256', payload, key).toString('base64');
  return addSignature(registry, digest, payload, { 'dev.cosignproject.cosign/signature': signature, ...more });
}

/** Adds a signature with these annotations under the tag by which cosign finds it. Returns the digest of its manifest. */
export function addSignature(registry: TokenRegistry, digest: string, payload: Buffer, annotations: object): string {
  const diffIds = [digestOf(payload)];
  const [created, rootfs] = ['0001-01-01T00:00:00Z', { type: 'layers', diff_ids: diffIds }];
  const config = Buffer.from(
    JSON.stringify({ architecture: '', created, history: [{ created }], os: '', rootfs, config: {} }),
  );
  const manifest = {
    schemaVersion: 2,
    mediaType: manifestType,
    config: describe('application/vnd.oci.image.config.v1+json', config),
    layers: [describe('application/vnd.dev.cosign.simplesigning.v1+json', payload, annotations)],
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

/** The statement that cosign signs since version 3, and its bytes as they are signed. */
export function signStatement(signed: string, predicateType = 'https://sigstore.dev/cosign/sign/v1') {
  const payloadType = 'application/vnd.in-toto+json';
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
  return { payloadType, statement, encoded, predicateType };
}

/** Signs a manifest as cosign does since version 3: a Sigstore bundle that refers to it. Returns how an index of referrers lists it. */
export function cosignBundle(
  registry: TokenRegistry,
  key: KeyObject,
  subject: Buffer,
  { signed = digestOf(subject), predicateType = '', isKeyless = false } = {},
) {
  const made = signStatement(signed, predicateType || undefined);
  return addBundle(registry, subject, {
    mediaType: bundleType,
    verificationMaterial: isKeyless ? { certificate: { rawBytes: 'AAAA' } } : { publicKey: { hint: 'AAAA' } },
    dsseEnvelope: {
      payload: made.statement.toString('base64'),
      payloadType: made.payloadType,
      signatures: [{ sig: sign('sha256', made.encoded, key).toString('base64') }],
    },
    predicateType: made.predicateType,
  });
}

/** Adds a Sigstore bundle that refers to a manifest. Returns how an index of referrers lists it. */
export function addBundle(
  registry: TokenRegistry,
  subject: Buffer,
  { predicateType, ...content }: { predicateType: string; [field: string]: unknown },
) {
  const bundle = Buffer.from(JSON.stringify(content));
  const config = Buffer.from('{}');
  const annotations = {
    'dev.sigstore.bundle.content': 'dsse-envelope',
    'dev.sigstore.bundle.predicateType': predicateType,
  };
  const manifest = {
    schemaVersion: 2,
    mediaType: manifestType,
    artifactType: bundleType,
    config: describe('application/vnd.oci.empty.v1+json', config),
    layers: [describe(bundleType, bundle)],
    subject: describe(manifestType, subject),
    annotations,
  };
  const digest = registry.addManifest(manifest, [config, bundle]);
  const size = JSON.stringify(manifest).length;
  return { mediaType: manifestType, digest, size, artifactType: bundleType, annotations };
}
