import { steps } from '../../../../shared/errors/define.ts';
import type { Finding } from '../../../../shared/finding.ts';
import { fullReference } from '../../../../shared/image-reference.ts';
import { modelSites } from '../../../../shared/model-sites.ts';
import type { SiteFile } from '../../../../shared/site-file.ts';
import type { HomePaths } from '../../settings/paths.ts';
import { fingerprintToWords } from '../../signing/fingerprint.ts';
import { lostTrust, readKeyBook } from '../../signing/judge-key.ts';
import { readSiteFile } from '../../sites/read-site-file.ts';
import type { SitePaths } from '../../sites/site-paths.ts';
import type { ImportRecord } from '../../store/import-record.ts';
import { readImports } from '../../store/read-imports.ts';

/**
 * Reports the models and the images of a site that were imported under a key which has lost its trust since: red if it was revoked,
 * amber if it expired or is no longer trusted. Empty if the records or the site file cannot be read.
 */
export async function trustFindings(home: HomePaths, paths: SitePaths, now: Date): Promise<Finding[]> {
  const site = (await readSiteFile(paths.siteFile).catch(() => undefined))?.site;
  const book = await readKeyBook(home.trust).catch(() => undefined);
  if (!site || !book) return [];
  const records = await readImports(home.store);
  const used = usedContents(site, records);
  return [...new Set(used.map((one) => one.keyId))].flatMap((keyId) => {
    // Several models may be served from the same weights.
    const names = [...new Set(used.filter((one) => one.keyId === keyId).map((one) => one.name))];
    const loss = lostTrust(book, keyId, now);
    if (!loss) return [];
    return {
      id: 'site.trust-lost',
      severity: loss.severity,
      title: `${paths.name}: imported under a key that is ${loss.why}: ${names.join(', ')}`,
      consequence: 'It continues to run. Whether it can be relied on is for you to decide.',
      remedies: [
        steps(
          'Ask the packing side to pack the bundle again with a current key, and trust that key by its fingerprint.',
          'Import that bundle, then deploy again.',
        ),
      ],
      howWeKnow: `signed by ${fingerprintToWords(keyId)}`,
    };
  });
}

/** The contents that the site uses, once for each key that vouches for them, by the newest import of each that a trusted key signed. */
function usedContents(site: SiteFile, records: readonly ImportRecord[]): { name: string; keyId: string }[] {
  const models = modelSites(site).map(({ model }) => model);
  const images = [site.gateway.image, ...models.flatMap(({ image, litellmImage }) => [image, litellmImage])];
  const holders = [
    ...models.map(({ name }) => of(`model ${name}`, (one) => one.models.some(isNamed(name)))),
    ...images
      .filter((one) => one !== undefined)
      .map((image) => of(`image ${image}`, (one) => one.images.some(isCalled(image)))),
  ];
  return holders.flatMap(({ name, holds }) => {
    const record = records.find(holds);
    if (record?.signature.trust !== 'trusted') return [];
    const { keyId, secondKeyId } = record.signature;
    return [keyId, secondKeyId].flatMap((one) => (one === undefined ? [] : [{ name, keyId: one }]));
  });
}

function of(name: string, holds: (record: ImportRecord) => boolean) {
  return { name, holds };
}

function isNamed(name: string) {
  return (model: { name: string }) => model.name === name;
}

function isCalled(image: string) {
  const name = fullReference(image.split('@')[0] ?? '');
  return ({ reference }: { reference: string }) => fullReference(reference) === name;
}
