import type { ScanResult } from '../../../../shared/bundle-evidence.ts';
import { heldWords } from '../../../../shared/bundle-evidence.ts';
import type { BundleSpec } from '../../../../shared/bundle-spec.ts';
import { appError } from '../../../../shared/errors/app-error.ts';
import { nameAndTag } from '../../../../shared/image-reference.ts';
import { issueLines } from '../../../../shared/rpc/frames.ts';
import { canonicalJson } from '../../signing/canonical-json.ts';
import { type Signer, signEnvelope } from '../../signing/dsse.ts';
import { fingerprintToWords } from '../../signing/fingerprint.ts';
import { allowedSigner } from '../../signing/ssh-signature.ts';
import { attachedAnnotation } from '../format/attached.ts';
import {
  type BundleContent,
  type HeadPayload,
  headEnvelopePath,
  headPayload,
  headPayloadType,
  layoutFolder,
  noticesFile,
  sbomFile,
} from '../format/format.ts';
import { refNameAnnotation } from '../format/oci-documents.ts';
import { bundleSbom, type ContentPart } from './bundle-sbom.ts';
import { headBase, type LeftOut } from './leave-out.ts';
import { type StartHere, startHereName, startHerePage } from './start-here.ts';
import { startHereText, startHereTextName } from './start-here-text.ts';
import type { PackMedium } from './write-medium.ts';
import { writeSums } from './write-sums.ts';

/** A content whose blobs and manifest are written. */
export interface PackedContent {
  head: BundleContent;
  /** Its files, or the layers of an image. */
  parts: ContentPart[];
  /** Ordinal of the medium that holds all of it, if one does. */
  whollyOn: number | undefined;
}

/** What the pages on the media state. */
export interface BundleFacts {
  id: string;
  created: string;
  spec: BundleSpec;
  media: { label: string; ordinal: number }[];
  contents: PackedContent[];
  signer: Pick<Signer, 'keyId' | 'publicKeyDer'>;
  /** What each medium says about keys (`noticesFile`); may be empty. */
  notices: string;
  packedBy?: string | undefined;
  leftOut?: LeftOut | undefined;
  /** What the machine that it is for lacks, and the bundle does not bring. */
  lacks: string[];
  /** Sealift's packages on the first medium. */
  installers: { files: { name: string }[] } | undefined;
  scan?: ScanResult | undefined;
}

/** A bundle whose blobs are all written. */
export interface SealOrder extends BundleFacts {
  media: PackMedium[];
  signer: Signer;
  version: string;
}

/** Writes the index and pages of each medium, signs it, then the whole, then the checksums of each medium. Returns the head's envelope. Throws `pack.unreadable-list`. */
export async function sealBundle(order: SealOrder): Promise<Buffer> {
  const { id, created, media, spec, signer } = order;
  const sealed: HeadPayload['media'] = [];
  for (const medium of media) {
    for (const [path, text] of mediumPages(order, medium)) await medium.addFile(path, Buffer.from(text));
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
    ...(order.leftOut && { base: headBase(order.leftOut) }),
    ...(order.packedBy !== undefined && { packedBy: order.packedBy }),
    ...(order.scan && { scan: order.scan }),
  };
  refuseUnreadable(head);
  const bytes = Buffer.from(signEnvelope(headPayloadType, canonicalJson(head), signer));
  await media.at(-1)?.addUnlisted(headEnvelopePath, bytes);
  for (const medium of media) await writeSums(medium, signer);
  for (const medium of media) await medium.flush();
  return bytes;
}

/** Throws `pack.unreadable-list` for a list that whoever opens the media would refuse. */
function refuseUnreadable(head: HeadPayload): void {
  const { error } = headPayload.safeParse(head);
  if (error) throw appError('pack.unreadable-list', { issues: issueLines(error) });
}

/** Returns the small files that each medium has in addition to its blobs and envelopes: path and text. */
export function mediumPages(facts: BundleFacts, medium: BundleFacts['media'][number]): [string, string][] {
  return [
    [`${layoutFolder}/oci-layout`, '{"imageLayoutVersion":"1.0.0"}'],
    [`${layoutFolder}/index.json`, layoutIndex(facts, medium.ordinal)],
    [startHereName, startHerePage(startHere(facts, medium))],
    [startHereTextName, startHereText(startHere(facts, medium))],
    [sbomFile, bundleSbom({ ...facts, name: facts.spec.name })],
    ...(facts.notices === '' ? [] : [[noticesFile, facts.notices] as [string, string]]),
  ];
}

/** `index.json` of one medium: the manifests that are wholly on it. */
function layoutIndex({ contents }: BundleFacts, ordinal: number): string {
  const manifests = contents
    .filter((content) => content.whollyOn === ordinal)
    .flatMap(({ head }) => [
      {
        mediaType: head.manifest.mediaType,
        digest: head.manifest.digest,
        size: head.manifest.sizeBytes,
        artifactType: head.manifest.artifactType,
        annotations: { [refNameAnnotation]: head.name },
      },
      ...attachedRows(head),
    ]);
  return canonicalJson({ schemaVersion: 2, mediaType: 'application/vnd.oci.image.index.v1+json', manifests });
}

/** A layout lists referrers too: whoever reads it finds by their subject what they are about (OCI image specification 1.1, "Image layout"). */
function attachedRows({ name, manifest, blobs, attached = [] }: BundleContent) {
  const sizes = new Map(blobs.map(({ digest, sizeBytes }) => [digest, sizeBytes]));
  return attached.map(({ digest, mediaType, artifactType, tag }) => ({
    mediaType,
    digest,
    size: sizes.get(digest),
    artifactType,
    annotations: {
      ...(tag !== undefined && { [refNameAnnotation]: `${nameAndTag(name).name}:${tag}` }),
      [attachedAnnotation]: manifest.digest,
    },
  }));
}

function startHere(
  { id, created, spec, media, contents, signer, packedBy, leftOut, lacks, installers, scan }: BundleFacts,
  medium: BundleFacts['media'][number],
): StartHere {
  return {
    bundle: { id, name: spec.name },
    created,
    label: medium.label,
    ordinal: medium.ordinal,
    labels: media.map((one) => one.label),
    contents: contents.map((content) => content.head),
    fingerprint: signer.keyId,
    words: fingerprintToWords(signer.keyId),
    allowedSigner: allowedSigner(signer),
    ...(installers && medium.ordinal === 1 && { packages: installers.files.map(({ name }) => name) }),
    ...(packedBy !== undefined && { packedBy }),
    ...(leftOut && { base: heldWords(leftOut.held) }),
    ...(scan && { scan }),
    lacks,
    requirements: spec.requirements,
  };
}
