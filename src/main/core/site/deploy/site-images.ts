import { modelSites } from '../../../../shared/model-sites.ts';
import type { SiteFile } from '../../../../shared/site-file.ts';
import { connectEngine, type Engine, engineAddress } from '../../engine/connect-engine.ts';
import { isOurs, type SiteMark } from '../../engine/labels.ts';
import { translateEngineError } from '../../engine/translate-error.ts';
import { localId, localNames } from '../../import/images/local-image.ts';
import type { HomePaths } from '../../settings/paths.ts';
import { deployedSites } from '../../sites/deployed-sites.ts';
import { siteMark } from '../../sites/engine-owner.ts';
import { deployedFile } from '../../sites/model-users.ts';
import type { SitePaths } from '../../sites/site-paths.ts';
import { keptSiteFiles } from '../../sites/upgrade-record.ts';
import type { ImportRecord } from '../../store/import-record.ts';
import { readImports } from '../../store/read-imports.ts';
import { isAsked } from '../containers/find-image.ts';
import { containerSiteFile } from '../containers/site-plan.ts';
import { usedEngine } from '../containers/used-engine.ts';

/**
 * An image that this data folder's imports brought and the engine has; `stays` is the reason to keep it when the site is removed.
 */
export interface SiteImage {
  reference: string;
  imageId: string;
  /** What the engine removes it by: its name, or its ID where a newer import took the name. */
  heldAs: string;
  stays?: string;
}

type Brought = ImportRecord['images'][number];

/**
 * Returns the site's images that imports brought; empty for a site without containers, and with `leaveEngines` when the engine
 * does not answer. Throws `engine.*`.
 */
export async function siteImages(
  home: HomePaths,
  paths: SitePaths,
  { keepImages, leaveEngines }: { keepImages: boolean; leaveEngines: boolean },
): Promise<SiteImage[]> {
  const file = await containerSiteFile(paths);
  if (!file) return [];
  const brought = (await readImports(home.store)).flatMap((one) => one.images).filter((one) => one.path !== 'present');
  const engine = await usedEngine(paths.name, engineAddress(file.engineHost), leaveEngines);
  if (!engine) return [];
  const own = [file, ...(await keptSiteFiles(paths))].flatMap(imagesOf);
  const images = new Map<string, SiteImage>();
  for (const image of own.flatMap((reference) => brought.filter((one) => isAsked(one, reference)))) {
    const heldAs = await nameIn(engine, image);
    if (heldAs === undefined || images.has(heldAs)) continue;
    const stays = keepImages
      ? '--keep-images'
      : ((await otherSite(home.sites, paths.name, image)) ??
        (await otherContainer(engine, await siteMark(paths), image.imageId)));
    images.set(heldAs, { reference: image.reference, imageId: image.imageId, heldAs, ...(stays && { stays }) });
  }
  return [...images.values()];
}

/** A name that now belongs to another image, and an image that others named, are not ours to remove. */
async function nameIn(engine: Engine, { reference, imageId }: Brought): Promise<string | undefined> {
  if ((await localId(engine, reference)) === imageId) return reference;
  return (await localNames(engine, imageId))?.length === 0 ? imageId : undefined;
}

/** Removes the names of a site's images, and yields each that is gone; an image goes with its last name. One that is in use by now stays. */
export async function* removeImages(paths: SitePaths, images: SiteImage[]): AsyncGenerator<SiteImage> {
  const file = images.length > 0 ? await containerSiteFile(paths) : undefined;
  if (!file) return;
  const engine = await connectEngine(engineAddress(file.engineHost));
  for (const image of images) {
    const { reference, heldAs } = image;
    try {
      await engine.docker.getImage(heldAs).remove();
    } catch (thrown) {
      if ([404, 409].includes((thrown as { statusCode?: number }).statusCode ?? 0)) continue;
      throw translateEngineError(thrown, { address: engine.address, doing: `remove the image ${reference}` });
    }
    yield image;
  }
}

function imagesOf(site: SiteFile): string[] {
  const ofModels = modelSites(site).flatMap(({ model }) => [model.image, model.litellmImage]);
  return [site.gateway.image, ...ofModels].filter((one) => one !== undefined);
}

async function otherSite(sites: string, site: string, image: Brought): Promise<string | undefined> {
  for (const paths of await deployedSites(sites)) {
    const other = paths.name;
    if (other === site) continue;
    const file = await deployedFile(paths);
    if (!file) return `the site ${other} may use it (its site file cannot be read)`;
    const own = [file, ...(await keptSiteFiles(paths))].flatMap(imagesOf);
    if (own.some((reference) => isAsked(image, reference))) return `the site ${other} uses it`;
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
