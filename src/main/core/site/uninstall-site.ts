import { rm, rmdir } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { gitlabResult } from '../../../shared/contract/gitlab.ts';
import type { site } from '../../../shared/contract/site.ts';
import type { OutputOf } from '../../../shared/rpc/contract.ts';
import { fileError } from '../files/file-error.ts';
import { storePaths } from '../import/store-paths.ts';
import type { Work } from '../jobs/work.ts';
import { removeUnits } from '../service/change-unit.ts';
import { ownUnits } from '../service/unit-place.ts';
import type { HomePaths } from '../settings/paths.ts';
import { engineObjects, type KeptInEngines, removeEngineObjects } from './containers/control-containers.ts';
import { removeImages, type SiteImage, siteImages } from './containers/site-images.ts';
import { containerSiteFile } from './containers/site-plan.ts';
import { stopService } from './control-service.ts';
import { deployedFile, modelUsers } from './model-users.ts';
import { ownBlobs } from './own-blobs.ts';
import { readEvidence } from './read-evidence.ts';
import { siteContents, siteFolders } from './site-contents.ts';
import { sitePaths } from './site-paths.ts';

type Removal = OutputOf<typeof site.removal>;

/** What shall stay although nothing needs it any more. */
export interface Keep extends KeptInEngines {
  keepImages: boolean;
}

/** What uninstalling a site would remove and keep. Weights and images that were imported go only when nothing else uses them. */
export async function planRemoval(home: HomePaths, name: string, keep: Keep): Promise<Removal> {
  return planWith(home, name, keep, await siteImages(home, name, keep));
}

async function planWith(home: HomePaths, name: string, keep: Keep, images: SiteImage[]): Promise<Removal> {
  const { names, silent } = await engineObjects(home.sites, name, keep);
  const engineObjectNames = [...names, ...images.filter((one) => !one.stays).map((one) => imageText(one.reference))];
  const files = await planFileRemoval(home, name, keep.keepWeights);
  for (const address of silent)
    files.keeps.push({
      path: `container engine ${address}`,
      reason: 'it does not answer: what the site has there stays',
    });
  files.keeps.push(...(await settingsLeft(home, name)));
  for (const { reference, stays } of images) if (stays) files.keeps.push({ path: imageText(reference), reason: stays });
  const units = await ownUnits(name, sitePaths(home.sites, name).folder);
  const removes = [...files.removes, ...units.map((unit) => unit.path)];
  return { ...files, removes, ...(engineObjectNames.length > 0 && { engineObjects: engineObjectNames }) };
}

async function planFileRemoval(home: HomePaths, name: string, keepWeights: boolean): Promise<Removal> {
  const paths = sitePaths(home.sites, name);
  const { own, foreign } = await siteContents(paths);
  const removes = foreign.length === 0 ? [paths.folder] : own;
  const keeps = foreign.map((path) => ({ path, reason: 'Sealift did not make it' }));
  const model = (await deployedFile(home.sites, name))?.model;
  if (!model || model.engine === 'external') return { site: name, removes, keeps };
  const weights = join(storePaths(home.store).models, model.name);
  const reason = keepWeights ? '--keep-weights' : await otherUser(home, name, model.name);
  if (reason) return { site: name, removes, keeps: [...keeps, { path: weights, reason }] };
  return { site: name, removes: [...removes, weights, ...(await ownBlobs(home.store, model.name))], keeps };
}

/** Stops a site and removes exactly what `planRemoval` names. Safe to repeat after an interruption: the site's folder goes last. */
export async function uninstallSite(home: HomePaths, name: string, keep: Keep, work: Work): Promise<Removal> {
  // A copy of the site file that cannot be read is known before anything is gone.
  await containerSiteFile(home.sites, name);
  // First: nothing may start the service again, and who may not remove its unit learns it before anything is gone.
  const paths = sitePaths(home.sites, name);
  const units = await removeUnits(name, paths.folder);
  work.step('stop', `Stop the service of ${name}`);
  await stopService(paths, name, work.signal);
  const images = await siteImages(home, name, keep);
  const left = await planWith(home, name, keep, images);
  const plan = { ...left, removes: [...left.removes, ...units] };
  if (plan.engineObjects) work.step('engine', `Remove ${things(plan.engineObjects.length)} from the container engine`);
  const references = images.flatMap((one) => (one.stays ? [] : [one.reference]));
  const containers = await removeEngineObjects(home.sites, name, keep);
  for (const one of [...containers, ...(await removeImages(home.sites, name, references))]) work.log(`removed ${one}`);
  work.step('remove', `Remove ${things(plan.removes.length)}`);
  for (const path of plan.removes.filter((one) => !isBelow(paths.folder, one))) {
    work.signal.throwIfAborted();
    await remove(path);
    work.log(`removed ${path}`);
  }
  // What shows that a site is here goes last: until then uninstall can be run again. A file that came meanwhile stays.
  for (const path of (await siteContents(paths)).own) await remove(path);
  for (const path of [...siteFolders(paths), paths.folder]) await rmdir(path).catch(() => undefined);
  // Made by the first deployment; while other sites lie in it, it stays.
  await rmdir(home.sites).catch(() => undefined);
  return plan;
}

/** Without a token nothing can be taken back in GitLab: whoever removes a site is told where it is still named. */
async function settingsLeft(home: HomePaths, name: string): Promise<Removal['keeps']> {
  const path = join(sitePaths(home.sites, name).evidence, 'gitlab.json');
  const set = await readEvidence(path, gitlabResult).catch(() => null);
  if (!set || set.simulated) return [];
  const settings = set.applied.filter((one) => one.after !== null).map((one) => one.setting);
  return [{ path: `settings of ${set.gitlabUrl}`, reason: `take them back there: ${settings.join(', ')}` }];
}

function imageText(reference: string): string {
  return `image ${reference}`;
}

async function remove(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true }).catch((error) => {
    throw fileError(path, 'write', error);
  });
}

function isBelow(folder: string, path: string): boolean {
  return path === folder || path.startsWith(folder + sep);
}

/** Why the weights must stay. A site whose file cannot be read may use them. */
async function otherUser(home: HomePaths, name: string, model: string): Promise<string | undefined> {
  const [other] = (await modelUsers(home.sites, model)).filter((one) => one.site !== name);
  if (!other) return undefined;
  return other.isSure
    ? `the site ${other.site} uses it`
    : `the site ${other.site} may use it: its site file cannot be read`;
}

function things(n: number): string {
  return n === 1 ? '1 thing' : `${n} things`;
}
