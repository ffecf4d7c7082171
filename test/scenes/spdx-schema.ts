import { z } from 'zod';

const id = z.string().regex(/^SPDXRef-[A-Za-z0-9.-]+$/);
const text = z.string().min(1);
const licence = z.string().regex(/^(NOASSERTION|NONE|[\w.+() -]+)$/);
const algorithm = z.enum(['SHA1', 'SHA256', 'SHA384', 'SHA512', 'MD5']);
const purpose = z
  .string()
  .regex(
    /^(APPLICATION|FRAMEWORK|LIBRARY|CONTAINER|OPERATING-SYSTEM|DEVICE|FIRMWARE|SOURCE|ARCHIVE|FILE|INSTALL|OTHER)$/,
  );

/** The required members of an SPDX 2.3 document, and the form of the optional ones that Sealift writes (SPDX specification 2.3). */
const spdx = z.strictObject({
  spdxVersion: z.literal('SPDX-2.3'),
  dataLicense: z.literal('CC0-1.0'),
  SPDXID: z.literal('SPDXRef-DOCUMENT'),
  name: text,
  documentNamespace: z.url().refine((url) => !url.includes('#')),
  creationInfo: z.strictObject({
    created: z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
    creators: z.array(z.string().regex(/^(Tool|Organization|Person): .+/)).min(1),
  }),
  comment: text.optional(),
  packages: z.array(
    z.strictObject({
      SPDXID: id,
      name: text,
      downloadLocation: z.union([z.enum(['NOASSERTION', 'NONE']), z.url()]),
      filesAnalyzed: z.literal(false),
      versionInfo: text.optional(),
      licenseDeclared: licence.optional(),
      licenseConcluded: licence.optional(),
      copyrightText: text.optional(),
      checksums: z
        .array(z.strictObject({ algorithm, checksumValue: z.string().regex(/^[0-9a-f]{32,128}$/) }))
        .optional(),
      primaryPackagePurpose: purpose.optional(),
      sourceInfo: text.optional(),
      externalRefs: z
        .array(
          z.strictObject({
            referenceCategory: z.enum(['SECURITY', 'PACKAGE-MANAGER', 'PERSISTENT-ID', 'OTHER']),
            referenceType: text,
            referenceLocator: z.string().regex(/^\S+$/),
            comment: text.optional(),
          }),
        )
        .optional(),
    }),
  ),
  relationships: z.array(
    z.strictObject({
      spdxElementId: id,
      relationshipType: z.enum(['DESCRIBES', 'CONTAINS']),
      relatedSpdxElement: id,
    }),
  ),
  hasExtractedLicensingInfos: z
    .array(
      z.strictObject({ licenseId: z.string().regex(/^LicenseRef-[A-Za-z0-9.-]+$/), extractedText: text, name: text }),
    )
    .optional(),
});

/** Checks a bill of materials, also that it names nothing that is not in it and nothing twice. Returns it. */
export function readSpdx(source: string): z.infer<typeof spdx> {
  const document = spdx.parse(JSON.parse(source));
  const ids = [document.SPDXID, ...document.packages.map((one) => one.SPDXID)];
  if (new Set(ids).size !== ids.length) throw new Error('an SPDXID is used twice');
  for (const { spdxElementId, relatedSpdxElement } of document.relationships)
    for (const one of [spdxElementId, relatedSpdxElement])
      if (!ids.includes(one)) throw new Error(`${one} is not in the document`);
  const licences = (document.hasExtractedLicensingInfos ?? []).map((one) => one.licenseId);
  for (const { licenseDeclared = '' } of document.packages)
    if (licenseDeclared.startsWith('LicenseRef-') && !licences.includes(licenseDeclared))
      throw new Error(`${licenseDeclared} is not in the document`);
  return document;
}
