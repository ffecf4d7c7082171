import { join } from 'node:path';
import { deployed } from '../../../shared/contract/site.ts';
import { fullReference, parseImageReference } from '../../../shared/image-reference.ts';
import { modelSites } from '../../../shared/model-sites.ts';
import type { SiteFile } from '../../../shared/site-file.ts';
import { readEvidence } from '../sites/read-evidence.ts';
import type { ReadSiteFile } from '../sites/read-site-file.ts';
import type { SitePaths } from '../sites/site-paths.ts';
import { readImports } from '../store/read-imports.ts';
import { withValues } from './upgrade-target.ts';

/**
 * Returns the text of the deployed site file with each image pinned by digest that a newer import brought under the same name: so the text
 * still means what runs. Images that no import brought are named as before.
 */
export async function pinnedText(store: string, paths: SitePaths, { site, text }: ReadSiteFile): Promise<string> {
  const record = await readEvidence(join(paths.evidence, 'deploy.json'), deployed).catch(() => null);
  const images = (await readImports(store)).flatMap((one) => one.images);
  const pins = imagesIn(site).flatMap(({ path, reference }) => {
    const runs = record?.containers?.find((one) => one.image === reference)?.imageId;
    if (reference === undefined || runs === undefined || parseImageReference(reference)?.digest) return [];
    const same = images.filter((one) => fullReference(one.reference) === fullReference(reference));
    const own = same.find((one) => one.imageId === runs);
    return own && same[0]?.imageId !== runs ? [[path, `${reference}@${own.digest}`] as const] : [];
  });
  return pins.length === 0 ? text : withValues(text, pins);
}

/** The images that a site file names, each with its place. */
function imagesIn(site: SiteFile): { path: string[]; reference: string | undefined }[] {
  const ofModels = modelSites(site).flatMap(({ model }, at) => {
    const place = site.models ? ['models', String(at)] : ['model'];
    return [
      { path: [...place, 'image'], reference: model.image },
      { path: [...place, 'litellmImage'], reference: model.litellmImage },
    ];
  });
  return [{ path: ['gateway', 'image'], reference: site.gateway.image }, ...ofModels];
}
