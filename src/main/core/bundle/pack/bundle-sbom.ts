import { hexOf } from '../../../../shared/digest.ts';
import { sha256Hex } from '../../files/sha256.ts';
import type { BundleContent } from '../format/format.ts';
import { declared, type SpdxPackage, spdxDocument } from '../format/spdx-document.mjs';

/** A file of a model or file set, a layer of an image. */
export interface ContentPart {
  name: string;
  digest: string;
}

/** A content as far as the bill of materials needs it. */
interface Billed {
  head: BundleContent;
  parts: ContentPart[];
}

/** Those ids of the SPDX list that models and images usually state. Any other statement gets a `LicenseRef`, which is always valid. */
const spdxIds = new Set([
  ...['Apache-2.0', 'MIT', 'ISC', 'BSD-2-Clause', 'BSD-3-Clause', 'MPL-2.0', 'Unlicense', 'CC0-1.0', 'CC-BY-4.0'],
  ...['CC-BY-SA-4.0', 'CC-BY-NC-4.0', 'GPL-2.0-only', 'GPL-2.0-or-later', 'GPL-3.0-only', 'GPL-3.0-or-later'],
  ...['LGPL-2.1-only', 'LGPL-2.1-or-later', 'LGPL-3.0-only', 'AGPL-3.0-only', 'EPL-2.0'],
]);

/** A publisher's own bill of materials among the files of a content, by its name. */
const publishersSbom = /(^|[/._-])(sbom|spdx|cdx|cyclonedx|bom)[^/]*\.(json|xml|rdf|ya?ml|spdx|tag)$/i;

/**
 * Returns the bill of materials of a bundle: a package per content with its licence, digest and address, in it one per file or layer. A
 * publisher's own bill that travels, as a file or attached to an image, is named at its content. The same bundle yields the same text.
 */
export function bundleSbom({
  id,
  name,
  created,
  contents,
}: {
  id: string;
  name: string;
  created: string;
  contents: Billed[];
}): string {
  return spdxDocument({
    name,
    namespace: `bundle-${id}`,
    created: created.replace(/\.\d+Z$/, 'Z'),
    creators: ['Tool: sealift'],
    root: {
      SPDXID: 'SPDXRef-Bundle',
      name,
      versionInfo: id,
      ...declared(),
      contains: contents.map(contentPackage),
    },
    licences: otherLicences(contents),
    comment:
      'All contents of the bundle with their files. What is inside an image or a file is not analysed: see the bills of materials of the publishers.',
  });
}

function contentPackage({ head, parts }: Billed, at: number): SpdxPackage {
  const { kind, name, manifest, origins, licence, source, attached = [] } = head;
  const [origin] = origins ?? [];
  const only = origins?.length === 1 && origin && /^https?:/.test(origin.url) ? origin.url : undefined;
  const bills = [
    ...parts.filter((one) => publishersSbom.test(one.name)),
    ...attached
      .filter(({ what }) => what === 'SBOM')
      .map(({ digest, what }) => ({ name: `${what}, attached to the image`, digest })),
  ];
  return {
    SPDXID: `SPDXRef-${at + 1}`,
    name,
    ...declared(licence === undefined ? undefined : licenceId(licence), only),
    checksums: [sha256(manifest.digest)],
    primaryPackagePurpose: purposes[kind],
    sourceInfo: sourceInfo(head, source),
    ...(bills.length > 0 && { externalRefs: bills.map(billReference) }),
    contains: parts.map((part, index) => partPackage(part, `SPDXRef-${at + 1}-${index + 1}`)),
  };
}

const purposes: Record<BundleContent['kind'], string> = { image: 'CONTAINER', model: 'OTHER', files: 'ARCHIVE' };

function sourceInfo({ origins = [] }: BundleContent, source: string): string {
  const from = origins.map(({ url, digest }) => `${url} (${digest})`);
  return `The checksum is that of the OCI manifest. ${from.length > 0 ? `Fetched from ${from.join(', ')}` : `Packed from ${source}`}`;
}

function partPackage({ name, digest }: ContentPart, SPDXID: string): SpdxPackage {
  return {
    SPDXID,
    name,
    downloadLocation: 'NOASSERTION',
    filesAnalyzed: false,
    checksums: [sha256(digest)],
    primaryPackagePurpose: 'FILE',
  };
}

/** The file on the media is named by its digest. */
function billReference({ name, digest }: ContentPart) {
  return { referenceCategory: 'OTHER', referenceType: 'publisher-sbom', referenceLocator: digest, comment: name };
}

function sha256(digest: string) {
  return { algorithm: 'SHA256', checksumValue: hexOf(digest) };
}

function licenceId(licence: string): string {
  if (spdxIds.has(licence)) return licence;
  const words = licence.replace(/[^A-Za-z0-9.]+/g, '-').slice(0, 40);
  return `LicenseRef-${words}-${sha256Hex(licence).slice(0, 8)}`;
}

function otherLicences(contents: readonly Billed[]) {
  const stated = new Set(contents.flatMap(({ head }) => head.licence ?? []));
  return [...stated]
    .filter((licence) => !spdxIds.has(licence))
    .map((licence) => ({ licenseId: licenceId(licence), extractedText: `Stated as: ${licence}`, name: licence }));
}
