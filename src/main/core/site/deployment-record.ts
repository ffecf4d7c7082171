import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { z } from 'zod';
import { appError } from '../../../shared/errors/app-error.ts';
import { shellWord } from '../../../shared/shell-word.ts';
import { fileError } from '../files/file-error.ts';
import { makeFolder } from '../files/make-folder.ts';
import { readBounded } from '../files/read-bounded.ts';
import { writeWhole } from '../files/write-whole.ts';
import { lockOwner } from '../settings/lock.ts';
import type { HomePaths } from '../settings/paths.ts';
import { type SitePaths, sitePaths } from './site-paths.ts';

/** `deployment.json`: the first thing that a deployment writes, and the last. Without `endedAt` and `failedAt` it did not end. */
const deploymentRecord = z.object({
  version: z.literal(1),
  /** Whole path of the site file that was deployed. */
  siteFile: z.string(),
  startedAt: z.iso.datetime(),
  endedAt: z.iso.datetime().optional(),
  /** Also when it was cancelled. */
  failedAt: z.iso.datetime().optional(),
  /** Addresses of the container engines in which deployments of the site may have made something, the latest last. */
  engines: z.array(z.string()),
});
type DeploymentRecord = z.infer<typeof deploymentRecord>;

/** How the last deployment of a site ended. */
export interface Deployment {
  /** `running`: a process of this machine is at it. `interrupted`: it was killed, or it failed. */
  state: 'ended' | 'running' | 'interrupted';
  /** The site file that was deployed; the site's own copy when that is gone. */
  siteFile: string;
  startedAt: string;
  /** When it failed or was cancelled, unless it was killed. */
  failedAt?: string;
}

const limitBytes = 64 * 1024;

/** Writes down that a deployment begins, before it makes anything else. Gives the functions that write down how it ended. */
export async function beginDeployment(
  paths: SitePaths,
  { siteFile, engine }: { siteFile: string; engine: string | undefined },
  now: () => Date,
): Promise<{ ended(): Promise<void>; failed(): Promise<void> }> {
  await makeFolder(paths.folder, 0o700).catch((error) => {
    throw fileError(paths.folder, 'write', error);
  });
  // A damaged record is written anew.
  const before = await usedEngines(paths).catch(() => []);
  const engines = [...before.filter((one) => one !== engine), ...(engine === undefined ? [] : [engine])];
  const record: DeploymentRecord = { version: 1, siteFile, startedAt: now().toISOString(), engines };
  const write = (value: DeploymentRecord) => writeWhole(paths.deployment, `${JSON.stringify(value, null, 2)}\n`);
  await write(record);
  return {
    ended: () => write({ ...record, endedAt: now().toISOString() }),
    failed: () => write({ ...record, failedAt: now().toISOString() }),
  };
}

/** The last deployment of a site; undefined when nothing readable is written of it. */
export async function lastDeployment(home: HomePaths, site: string): Promise<Deployment | undefined> {
  const paths = sitePaths(home.sites, site);
  const record = await readRecord(paths.deployment);
  if (!record) return undefined;
  const { startedAt, endedAt, failedAt } = record;
  const siteFile =
    (await exists(record.siteFile)) || !(await exists(paths.siteFile)) ? record.siteFile : paths.siteFile;
  if (endedAt !== undefined) return { state: 'ended', siteFile, startedAt };
  if (failedAt !== undefined) return { state: 'interrupted', siteFile, startedAt, failedAt };
  // Who holds the lock since before it began is at it; later holders do something else.
  const owner = await lockOwner(home.lock);
  const isRunning = owner !== undefined && Date.parse(owner.since) <= Date.parse(startedAt);
  return { state: isRunning ? 'running' : 'interrupted', siteFile, startedAt };
}

/** The command line that deploys a site file, as a person can run it from any folder. */
export function deployCommand(siteFile: string, ...flags: string[]): string {
  return ['sealift', 'deploy', siteFile, ...flags].map(shellWord).join(' ');
}

/** The engines in which deployments of a site may have made something; empty when there was none. Throws `site.record-damaged`. */
export async function usedEngines({ folder, deployment: path }: SitePaths): Promise<string[]> {
  const bytes = await readBounded(path, limitBytes);
  const record = bytes && parseRecord(bytes);
  if (bytes && !record)
    throw appError('site.record-damaged', {
      path,
      problem: 'it is damaged, or another version of Sealift wrote it.',
      site: basename(folder),
    });
  return record?.engines ?? [];
}

async function readRecord(path: string): Promise<DeploymentRecord | undefined> {
  const bytes = await readBounded(path, limitBytes).catch(() => undefined);
  return bytes && parseRecord(bytes);
}

function parseRecord(bytes: Buffer): DeploymentRecord | undefined {
  try {
    return deploymentRecord.parse(JSON.parse(bytes.toString('utf8')));
  } catch {
    return undefined;
  }
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}
