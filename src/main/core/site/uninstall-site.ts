import { rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { site } from '../../../shared/contract/site.ts';
import type { OutputOf } from '../../../shared/rpc/contract.ts';
import type { SiteFile } from '../../../shared/site-file.ts';
import { readImports } from '../import/import-record.ts';
import { storePaths } from '../import/store-paths.ts';
import type { Work } from '../jobs/work.ts';
import type { HomePaths } from '../settings/paths.ts';
import { engineObjects, removeEngineObjects } from './containers/control-containers.ts';
import { stopService } from './control-service.ts';
import { deployedSites } from './deployed-sites.ts';
import { fileError } from './file-error.ts';
import { readSiteFile } from './read-site-file.ts';
import { sitePaths } from './site-paths.ts';

type Removal = OutputOf<typeof site.removal>;

/** What uninstalling a site would remove and keep. The weights go only when no other site of the data folder uses them. */
export async function planRemoval(home: HomePaths, name: string, keepWeights: boolean): Promise<Removal> {
  const engineObjectNames = await engineObjects(home.sites, name, keepWeights);
  const files = await planFileRemoval(home, name, keepWeights);
  return { ...files, ...(engineObjectNames.length > 0 && { engineObjects: engineObjectNames }) };
}

async function planFileRemoval(home: HomePaths, name: string, keepWeights: boolean): Promise<Removal> {
  const { folder } = sitePaths(home.sites, name);
  const model = (await deployedFile(home, name))?.model;
  if (!model || model.engine === 'external') return { site: name, removes: [folder], keeps: [] };
  const weights = join(storePaths(home.store).models, model.name);
  if (keepWeights) return { site: name, removes: [folder], keeps: [{ path: weights, reason: '--keep-weights' }] };
  const user = await otherUser(home, name, model.name);
  if (user) return { site: name, removes: [folder], keeps: [{ path: weights, reason: user }] };
  return { site: name, removes: [folder, weights, ...(await ownBlobs(home, model.name))], keeps: [] };
}

/** Stops a site and removes exactly what `planRemoval` names. Safe to repeat after an interruption: the site's folder goes last. */
export async function uninstallSite(home: HomePaths, name: string, keepWeights: boolean, work: Work): Promise<Removal> {
  work.step('stop', `Stop the service of ${name}`);
  await stopService(sitePaths(home.sites, name), name, work.signal);
  const plan = await planRemoval(home, name, keepWeights);
  if (plan.engineObjects) work.step('engine', `Remove ${plan.engineObjects.length} things from the container engine`);
  for (const one of await removeEngineObjects(home.sites, name, keepWeights)) work.log(`removed ${one}`);
  work.step('remove', `Remove ${plan.removes.length} things`);
  for (const path of [...plan.removes].reverse()) {
    work.signal.throwIfAborted();
    await rm(path, { recursive: true, force: true }).catch((error) => {
      throw fileError(path, 'write', error);
    });
    work.log(`removed ${path}`);
  }
  // Made by the first deployment; while other sites lie in it, it stays.
  await rmdir(home.sites).catch(() => undefined);
  return plan;
}

async function deployedFile(home: HomePaths, name: string): Promise<SiteFile | undefined> {
  const { siteFile } = sitePaths(home.sites, name);
  return (await readSiteFile(siteFile).catch(() => undefined))?.site;
}

/** Why the weights must stay. A site whose file cannot be read may use them. */
async function otherUser(home: HomePaths, name: string, model: string): Promise<string | undefined> {
  for (const other of await deployedSites(home.sites)) {
    if (other === name) continue;
    const file = await deployedFile(home, other);
    if (!file) return `the site ${other} may use it: its site file cannot be read`;
    if (file.model.engine === 'llamacpp' && file.model.name === model) return `the site ${other} uses it`;
  }
  return undefined;
}

/** Blobs of a model's files that nothing else in the store needs. */
async function ownBlobs(home: HomePaths, model: string): Promise<string[]> {
  const contents = (await readImports(home.store)).flatMap((record) => [
    ...record.models.map((one) => ({ ...one, isIt: one.name === model })),
    ...record.files.map((one) => ({ ...one, isIt: false })),
  ]);
  const hexes = (isIt: boolean) =>
    contents
      .filter((one) => one.isIt === isIt)
      .flatMap((one) => one.files.map((file) => file.sha256.replace('sha256:', '')));
  const needed = new Set(hexes(false));
  const { blob } = storePaths(home.store);
  return [...new Set(hexes(true))].filter((hex) => !needed.has(hex)).map(blob);
}
