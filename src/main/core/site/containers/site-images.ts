import type { SiteFile } from '../../../../shared/site-file.ts';
import { connectEngine, type Engine, engineAddress } from '../../engine/connect-engine.ts';
import { isOurs, type SiteMark } from '../../engine/labels.ts';
import { translateEngineError } from '../../engine/translate-error.ts';
import { readImports } from '../../import/import-record.ts';
import { localId } from '../../import/pull-image.ts';
import type { HomePaths } from '../../settings/paths.ts';
import { deployedSites } from '../deployed-sites.ts';
import { siteMark } from '../engine-owner.ts';
import { deployedFile } from '../model-users.ts';
import { containerSiteFile } from './site-plan.ts';
import { usedEngine } from './used-engine.ts';

/** An image that imports of this data folder brought for a site and the engine has; `stays` says why it does not go with the site. */
export interface SiteImage {
  reference: string;
  stays?: string;
}

/**
 * The images of a site that imports brought; empty for a site without containers, and with `leaveEngines` where no engine answers.
 * Throws what the engine says.
 */
export async function siteImages(
  home: HomePaths,
  site: string,
  { keepImages, leaveEngines }: { keepImages: boolean; leaveEngines: boolean },
): Promise<SiteImage[]> {
  const file = await containerSiteFile(home.sites, site);
  if (!file) return [];
  const brought = (await readImports(home.store)).flatMap((one) => one.images).filter((one) => one.path !== 'present');
  const engine = await usedEngine(site, engineAddress(file.engineHost), leaveEngines);
  if (!engine) return [];
  const images: SiteImage[] = [];
  for (const reference of new Set(imagesOf(file))) {
    const imageId = await localId(engine, reference);
    // A name that was given to another image since is not ours to take away.
    if (!imageId || !brought.some((one) => one.reference === reference && one.imageId === imageId)) continue;
    const stays = keepImages
      ? '--keep-images'
      : ((await otherSite(home.sites, site, reference)) ??
        (await otherContainer(engine, await siteMark(home.sites, site), imageId)));
    images.push({ reference, ...(stays && { stays }) });
  }
  return images;
}

/** Takes the names of a site's images away; with its last name an image goes. One that is in use by now stays. */
export async function removeImages(sites: string, site: string, references: string[]): Promise<string[]> {
  const file = references.length > 0 ? await containerSiteFile(sites, site) : undefined;
  if (!file) return [];
  const engine = await connectEngine(engineAddress(file.engineHost));
  const removed: string[] = [];
  for (const reference of references) {
    try {
      await engine.docker.getImage(reference).remove();
      removed.push(`image ${reference}`);
    } catch (thrown) {
      if ([404, 409].includes((thrown as { statusCode?: number }).statusCode ?? 0)) continue;
      throw translateEngineError(thrown, { address: engine.address, doing: `remove the image ${reference}` });
    }
  }
  return removed;
}

function imagesOf({ gateway, model }: SiteFile): string[] {
  return [gateway.image, model.image, model.litellmImage].filter((one) => one !== undefined);
}

async function otherSite(sites: string, site: string, reference: string): Promise<string | undefined> {
  for (const other of await deployedSites(sites)) {
    if (other === site) continue;
    const file = await deployedFile(sites, other);
    if (!file) return `the site ${other} may use it: its site file cannot be read`;
    if (imagesOf(file).includes(reference)) return `the site ${other} uses it`;
  }
  return undefined;
}

async function otherContainer(
  { docker, address }: Engine,
  mark: SiteMark,
  imageId: string,
): Promise<string | undefined> {
  try {
    const users = await docker.listContainers({ all: true, filters: { ancestor: [imageId] } });
    const other = users.find((one) => !isOurs(one.Labels, mark));
    return other && `the container ${(other.Names[0] ?? other.Id).replace(/^\//, '')} uses it`;
  } catch (thrown) {
    throw translateEngineError(thrown, { address, doing: `look for containers of ${imageId}` });
  }
}
