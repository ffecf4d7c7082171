import { join } from 'node:path';
import { deployed } from '../../../shared/contract/site.ts';
import { fullReference, parseImageReference } from '../../../shared/image-reference.ts';
import type { SiteFile } from '../../../shared/site-file.ts';
import { readEvidence } from '../sites/read-evidence.ts';
import type { ReadSiteFile } from '../sites/read-site-file.ts';
import type { SitePaths } from '../sites/site-paths.ts';
import { readImports } from '../store/read-imports.ts';
import { withValues } from './upgrade-target.ts';

const imageFields = [
  ['gateway', 'image'],
  ['model', 'image'],
  ['model', 'litellmImage'],
] as const;

/**
 * Returns the text of the deployed site file with each image pinned by digest that a newer import brought under the same name: so the text
 * still means what runs. Images that no import brought are named as before.
 */
export async function pinnedText(store: string, paths: SitePaths, { site, text }: ReadSiteFile): Promise<string> {
  const record = await readEvidence(join(paths.evidence, 'deploy.json'), deployed).catch(() => null);
  const images = (await readImports(store)).flatMap((one) => one.images);
  const pins = imageFields.flatMap((path) => {
    const reference = valueAt(site, path);
    const runs = record?.containers?.find((one) => one.image === reference)?.imageId;
    if (reference === undefined || runs === undefined || parseImageReference(reference)?.digest) return [];
    const same = images.filter((one) => fullReference(one.reference) === fullReference(reference));
    const own = same.find((one) => one.imageId === runs);
    return own && same[0]?.imageId !== runs ? [[path, `${reference}@${own.digest}`] as const] : [];
  });
  return pins.length === 0 ? text : withValues(text, pins);
}

function valueAt({ gateway, model }: SiteFile, [group, field]: (typeof imageFields)[number]): string | undefined {
  return group === 'gateway' ? gateway.image : model[field];
}
