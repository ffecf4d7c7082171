import type { BundleSpec } from '../../../shared/bundle-spec.ts';
import { canonicalJson } from './canonical-json.ts';
import { type Signer, signEnvelope } from './dsse.ts';
import { type BundleContent, type HeadPayload, headEnvelopePath, headPayloadType, layoutFolder } from './format.ts';
import type { PackMedium } from './pack-medium.ts';
import { startHereName, startHerePage } from './pack-start-here.ts';

/** A content whose blobs and manifest are written. */
export interface PackedContent {
  head: BundleContent;
  /** Ordinal of the medium that holds all of it, if one does. */
  whollyOn: number | undefined;
}

/** A bundle whose blobs are all written. */
export interface SealOrder {
  id: string;
  created: string;
  spec: BundleSpec;
  media: PackMedium[];
  contents: PackedContent[];
  signer: Signer;
  version: string;
}

/** Writes what stands around the blobs, signs each medium, then the whole; the answer is the head's envelope. */
export async function sealBundle(order: SealOrder): Promise<Buffer> {
  const { id, created, media, spec, signer } = order;
  const sealed: HeadPayload['media'] = [];
  for (const medium of media) {
    await medium.addFile(`${layoutFolder}/oci-layout`, Buffer.from('{"imageLayoutVersion":"1.0.0"}'));
    await medium.addFile(`${layoutFolder}/index.json`, Buffer.from(layoutIndex(order, medium.ordinal)));
    await medium.addFile(startHereName, Buffer.from(startHere(order, medium)));
    const mediumSha256 = await medium.seal(id, created, signer);
    sealed.push({ ordinal: medium.ordinal, label: medium.label, mediumSha256, ...medium.totals() });
  }
  const head: HeadPayload = {
    version: 1,
    id,
    name: spec.name,
    created,
    tool: { name: 'sealift', version: order.version },
    contents: order.contents.map((content) => content.head),
    media: sealed,
    requirements: spec.requirements,
  };
  const bytes = Buffer.from(signEnvelope(headPayloadType, canonicalJson(head), signer));
  await media.at(-1)?.addEnvelope(headEnvelopePath, bytes);
  for (const medium of media) await medium.flush();
  return bytes;
}

/** `index.json` of one medium: the manifests that lie wholly on it. */
function layoutIndex({ contents }: SealOrder, ordinal: number): string {
  const manifests = contents
    .filter((content) => content.whollyOn === ordinal)
    .map(({ head }) => ({
      mediaType: head.manifest.mediaType,
      digest: head.manifest.digest,
      size: head.manifest.sizeBytes,
      artifactType: head.manifest.artifactType,
      annotations: { 'org.opencontainers.image.ref.name': head.name },
    }));
  return canonicalJson({ schemaVersion: 2, mediaType: 'application/vnd.oci.image.index.v1+json', manifests });
}

function startHere({ id, created, spec, media, contents, signer }: SealOrder, medium: PackMedium): string {
  return startHerePage({
    bundle: { id, name: spec.name },
    created,
    label: medium.label,
    ordinal: medium.ordinal,
    labels: media.map((one) => one.label),
    contents: contents.map((content) => content.head),
    fingerprint: signer.keyId,
    requirements: spec.requirements,
  });
}
