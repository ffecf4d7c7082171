import { rm, rmdir } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { gitlabResult } from '../../../../shared/contract/gitlab.ts';
import type { site } from '../../../../shared/contract/site.ts';
import type { OutputOf } from '../../../../shared/rpc/contract.ts';
import { fileError } from '../../files/file-error.ts';
import { pathExists } from '../../files/path-exists.ts';
import { changedGitlabs } from '../../gitlab/apply-record.ts';
import type { HomePaths } from '../../settings/paths.ts';
import { deployedSites } from '../../sites/deployed-sites.ts';
import { deployedFile, modelUsers, storedModels } from '../../sites/model-users.ts';
import { readEvidence } from '../../sites/read-evidence.ts';
import { siteContents, siteFolders } from '../../sites/site-contents.ts';
import type { SitePaths } from '../../sites/site-paths.ts';
import { keptSiteFiles } from '../../sites/upgrade-record.ts';
import { markImagesRemoved } from '../../store/read-imports.ts';
import { modelFolder } from '../../store/store-paths.ts';
import type { Work } from '../../work.ts';
import { engineObjects, type KeptInEngines, removeEngineObjects } from '../containers/control-containers.ts';
import { containerSiteFile } from '../containers/site-plan.ts';
import { stopService } from '../service/control-service.ts';
import { removeUnits } from '../unit/change-unit.ts';
import { ownUnits } from '../unit/unit-place.ts';
import { ownBlobs } from './own-blobs.ts';
import { removeImages, type SiteImage, siteImages } from './site-images.ts';

type Removal = OutputOf<typeof site.removal>;

/** What uninstall keeps although nothing needs it any more. */
export interface Keep extends KeptInEngines {
  keepImages: boolean;
}

/** Returns what uninstalling a site would remove and keep. Imported weights and images go only when nothing else uses them. */
export async function planRemoval(home: HomePaths, paths: SitePaths, keep: Keep): Promise<Removal> {
  return planWith(home, paths, keep, await siteImages(home, paths, keep));
}

async function planWith(home: HomePaths, paths: SitePaths, keep: Keep, images: SiteImage[]): Promise<Removal> {
  const { names, silent } = await engineObjects(paths, keep);
  const engineObjectNames = [...names, ...images.filter((one) => !one.stays).map((one) => imageText(one.reference))];
  const files = await planFileRemoval(home, paths, keep.keepWeights);
  for (const address of silent)
    files.keeps.push({
      path: `container engine ${address}`,
      reason: 'it does not answer, so what the site has there stays',
    });
  const settings = await settingsLeft(paths);
  files.keeps.push(...settings);
  for (const { reference, stays } of images) if (stays) files.keeps.push({ path: imageText(reference), reason: stays });
  const units = await ownUnits(paths.name, paths.folder);
  const removes = [...files.removes, ...units.map((unit) => unit.path)];
  return {
    ...files,
    removes,
    ...(engineObjectNames.length > 0 && { engineObjects: engineObjectNames }),
    ...(settings.length > 0 && (await hasUndo(paths)) && { undoWith: paths.siteFile }),
  };
}

async function planFileRemoval(home: HomePaths, paths: SitePaths, keepWeights: boolean): Promise<Removal> {
  const { name } = paths;
  const { own, foreign } = await siteContents(paths);
  const removes = foreign.length === 0 ? [paths.folder] : own;
  const keeps = foreign.map((path) => ({ path, reason: 'Sealift did not create it' }));
  const deployed = await deployedFile(paths);
  const states = [...(deployed ? [deployed] : []), ...(await keptSiteFiles(paths))];
  for (const model of new Set(states.flatMap(storedModels))) {
    const weights = modelFolder(home.store, model);
    const reason = keepWeights ? 'you chose to keep the weights' : await otherUser(home, name, model);
    if (reason) keeps.push({ path: weights, reason });
    else removes.push(weights, ...(await ownBlobs(home.store, model)));
  }
  // Made from the store's packages, so another deployment makes it again.
  if ((await isLastSite(home, name)) && (await pathExists(home.llamacpp))) removes.push(home.llamacpp);
  return { site: name, removes, keeps };
}

async function isLastSite({ sites }: HomePaths, name: string): Promise<boolean> {
  return (await deployedSites(sites)).every((one) => one.name === name);
}

/**
 * Stops a site and removes exactly what `planRemoval` names. Safe to repeat after an interruption: the site's folder goes last.
 */
export async function uninstallSite(home: HomePaths, paths: SitePaths, keep: Keep, work: Work): Promise<Removal> {
  const { name } = paths;
  // Refuse a site file copy that cannot be read before anything is removed.
  await containerSiteFile(paths);
  // Units go first, so that nothing restarts the service and missing rights show before anything is removed.
  const units = await removeUnits(name, paths.folder, work.signal);
  work.step('stop', `Stop the service of ${name}`);
  await stopService(paths, name, work.signal);
  const images = await siteImages(home, paths, keep);
  const left = await planWith(home, paths, keep, images);
  const plan = { ...left, removes: [...left.removes, ...units] };
  if (plan.engineObjects)
    work.step('engine', `Remove ${counted(plan.engineObjects.length, 'object')} from the container engine`);
  const leaving = images.filter((one) => !one.stays);
  const containers = await removeEngineObjects(paths, keep);
  for (const one of containers) work.log(`removed ${one}`);
  for await (const image of removeImages(paths, leaving)) {
    await markImagesRemoved(home.store, [image], new Date().toISOString());
    work.log(`removed ${imageText(image.reference)}`);
  }
  work.step('remove', `Remove ${counted(plan.removes.length, 'path')}`);
  for (const path of plan.removes.filter((one) => !isBelow(paths.folder, one))) {
    work.signal.throwIfAborted();
    await remove(path);
    work.log(`removed ${path}`);
  }
  // The files that identify a site go last, so that uninstall can be repeated until then. A file that appeared meanwhile stays.
  for (const path of (await siteContents(paths)).own) await remove(path);
  for (const path of [...siteFolders(paths), paths.folder]) await rmdir(path).catch(() => undefined);
  // The first deployment made it. It stays while other sites are in it.
  await rmdir(home.sites).catch(() => undefined);
  return plan;
}

/** Lists the settings that remain in GitLab: without a token uninstall cannot reset them. */
async function settingsLeft({ evidence }: SitePaths): Promise<Removal['keeps']> {
  const path = join(evidence, 'gitlab.json');
  const set = await readEvidence(path, gitlabResult).catch(() => null);
  if (!set || set.simulated) return [];
  const settings = set.applied.filter((one) => one.after !== null).map((one) => one.setting);
  return [{ path: `settings of ${set.gitlabUrl}`, reason: `reset them there: ${settings.join(', ')}` }];
}

/* A record that cannot be read says so when undo is asked for. */
async function hasUndo({ gitlabBefore }: SitePaths): Promise<boolean> {
  return changedGitlabs(gitlabBefore).then(
    (urls) => urls.length > 0,
    () => true,
  );
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

/** Returns why the weights must stay. A site whose file cannot be read may use them. */
async function otherUser(home: HomePaths, name: string, model: string): Promise<string | undefined> {
  const [other] = (await modelUsers(home.sites, model)).filter((one) => one.site !== name);
  if (!other) return undefined;
  return other.isSure
    ? `the site ${other.site} uses it`
    : `the site ${other.site} may use it (its site file cannot be read)`;
}

function counted(n: number, what: string): string {
  return n === 1 ? `1 ${what}` : `${n} ${what}s`;
}
