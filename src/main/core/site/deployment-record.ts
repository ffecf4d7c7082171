import { stat } from 'node:fs/promises';
import { z } from 'zod';
import { shellWord } from '../../../shared/shell-word.ts';
import { fileError } from '../files/file-error.ts';
import { makeFolder } from '../files/make-folder.ts';
import { readBounded } from '../files/read-bounded.ts';
import { writeWhole } from '../files/write-whole.ts';
import { lockOwner } from '../settings/lock.ts';
import type { HomePaths } from '../settings/paths.ts';
import { type SitePaths, sitePaths } from './site-paths.ts';

/** `deployment.json`: the first thing that a deployment writes, and the last. Without `endedAt` it did not end. */
const deploymentRecord = z.object({
  version: z.literal(1),
  /** Whole path of the site file that was deployed. */
  siteFile: z.string(),
  startedAt: z.iso.datetime(),
  endedAt: z.iso.datetime().optional(),
});
type DeploymentRecord = z.infer<typeof deploymentRecord>;

/** How the last deployment of a site ended. */
export interface Deployment {
  /** `running`: a process of this machine is at it. `interrupted`: it was killed, or it failed. */
  state: 'ended' | 'running' | 'interrupted';
  /** The site file that was deployed; the site's own copy when that is gone. */
  siteFile: string;
  startedAt: string;
}

const limitBytes = 64 * 1024;

/** Writes down that a deployment begins, before it makes anything else. Gives the function that writes down its end. */
export async function beginDeployment(
  paths: SitePaths,
  siteFile: string,
  now: () => Date,
): Promise<() => Promise<void>> {
  await makeFolder(paths.folder, 0o700).catch((error) => {
    throw fileError(paths.folder, 'write', error);
  });
  const record: DeploymentRecord = { version: 1, siteFile, startedAt: now().toISOString() };
  const write = (value: DeploymentRecord) => writeWhole(paths.deployment, `${JSON.stringify(value, null, 2)}\n`);
  await write(record);
  return () => write({ ...record, endedAt: now().toISOString() });
}

/** The last deployment of a site; undefined when nothing readable is written of it. */
export async function lastDeployment(home: HomePaths, site: string): Promise<Deployment | undefined> {
  const paths = sitePaths(home.sites, site);
  const record = await readRecord(paths.deployment);
  if (!record) return undefined;
  const { startedAt, endedAt } = record;
  const siteFile =
    (await exists(record.siteFile)) || !(await exists(paths.siteFile)) ? record.siteFile : paths.siteFile;
  if (endedAt !== undefined) return { state: 'ended', siteFile, startedAt };
  // Who holds the lock since before it began is at it; later holders do something else.
  const owner = await lockOwner(home.lock);
  const isRunning = owner !== undefined && Date.parse(owner.since) <= Date.parse(startedAt);
  return { state: isRunning ? 'running' : 'interrupted', siteFile, startedAt };
}

/** The command line that deploys a site file, as a person can run it from any folder. */
export function deployCommand(siteFile: string, ...flags: string[]): string {
  return ['sealift', 'deploy', siteFile, ...flags].map(shellWord).join(' ');
}

async function readRecord(path: string): Promise<DeploymentRecord | undefined> {
  try {
    return deploymentRecord.parse(JSON.parse(String(await readBounded(path, limitBytes))));
  } catch {
    return undefined;
  }
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}
