import { createHash } from 'node:crypto';
import { declared, spdxDocument } from '../../src/main/core/bundle/format/spdx-document.mjs';

/**
 * Returns the software bill of materials of a package in SPDX 2.3 (JSON): Sealift, its Node, the checked zip of Electron if there is one,
 * and each package of the lock file that is in it, with licence and digest. The same input yields the same text.
 */
export function sbom({ name, version, license, node, electron, packages, epochSeconds }) {
  const own = { SPDXID: 'SPDXRef-Sealift', name: 'sealift', versionInfo: version, ...declared(license) };
  const runtime = {
    SPDXID: 'SPDXRef-Node',
    name: 'node',
    versionInfo: node.version,
    ...declared('MIT'),
    ...(node.npmName && { externalRefs: [purl(node.npmName, node.version)] }),
    checksums: [checksum(node.integrity)],
  };
  const inside = [runtime, ...(electron ? [electronPackage(electron)] : []), ...packages.map(lockedPackage)];
  const digest = createHash('sha256')
    .update(JSON.stringify([own, ...inside]))
    .digest('hex');
  return spdxDocument({
    name,
    namespace: `${name}-${digest}`,
    created: new Date(epochSeconds * 1000).toISOString().replace('.000Z', 'Z'),
    creators: [`Tool: sealift-package-${version}`],
    root: { ...own, contains: inside },
  });
}

function electronPackage({ version, sha256 }) {
  return {
    SPDXID: 'SPDXRef-Electron',
    name: 'electron',
    versionInfo: version,
    ...declared('MIT'),
    externalRefs: [purl('electron', version)],
    checksums: [{ algorithm: 'SHA256', checksumValue: sha256 }],
  };
}

function lockedPackage({ place, name, version, license, integrity }) {
  const digest = createHash('sha256').update(place).digest('hex');
  return {
    SPDXID: `SPDXRef-${place.replace(/[^A-Za-z0-9.]+/g, '-')}-${digest.slice(0, 8)}`,
    name,
    versionInfo: version,
    ...declared(license),
    externalRefs: [purl(name, version)],
    checksums: [checksum(integrity)],
  };
}

function purl(name, version) {
  const locator = `pkg:npm/${name.replace('@', '%40')}@${version}`;
  return { referenceCategory: 'PACKAGE-MANAGER', referenceType: 'purl', referenceLocator: locator };
}

function checksum(integrity) {
  const [algorithm, base64] = integrity.split(/-(.*)/s);
  return { algorithm: algorithm.toUpperCase(), checksumValue: Buffer.from(base64, 'base64').toString('hex') };
}
