// Not TypeScript, so that `npm run package` can use it before anything is built.

/**
 * Returns an SPDX 2.3 document (JSON) that describes one package and everything that it contains, at any depth. A package is a member of
 * `packages` as SPDX has it, without SPDXID of its parent; `contains` lists those in it. The same input yields the same text.
 */
export function spdxDocument({ name, namespace, created, creators, root, licences = [], comment }) {
  const packages = [];
  const relationships = [relation('SPDXRef-DOCUMENT', 'DESCRIBES', root.SPDXID)];
  const add = ({ contains = [], ...one }) => {
    packages.push(one);
    for (const inner of contains) relationships.push(relation(one.SPDXID, 'CONTAINS', inner.SPDXID));
    for (const inner of contains) add(inner);
  };
  add(root);
  return `${JSON.stringify(
    {
      spdxVersion: 'SPDX-2.3',
      dataLicense: 'CC0-1.0',
      SPDXID: 'SPDXRef-DOCUMENT',
      name,
      documentNamespace: `https://sealift.invalid/spdx/${namespace}`,
      creationInfo: { created, creators },
      ...(comment && { comment }),
      packages,
      relationships,
      ...(licences.length > 0 && { hasExtractedLicensingInfos: licences }),
    },
    undefined,
    1,
  )}\n`;
}

/** Returns the members of a package whose files SPDX does not list, with the licence that was stated for it. */
export function declared(licence, downloadLocation = 'NOASSERTION') {
  const stated = licence ?? 'NOASSERTION';
  return {
    downloadLocation,
    filesAnalyzed: false,
    licenseDeclared: stated,
    licenseConcluded: stated,
    copyrightText: 'NOASSERTION',
  };
}

function relation(spdxElementId, relationshipType, relatedSpdxElement) {
  return { spdxElementId, relationshipType, relatedSpdxElement };
}
