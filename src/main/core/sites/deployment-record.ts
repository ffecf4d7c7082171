import { z } from 'zod';
import { appError } from '../../../shared/errors/app-error.ts';
import { shellWord } from '../../../shared/shell-word.ts';
import { fileError } from '../files/file-error.ts';
import { makeFolder } from '../files/make-folder.ts';
import { pathExists } from '../files/path-exists.ts';
import { readBounded } from '../files/read-bounded.ts';
import { writeWhole } from '../files/write-whole.ts';
import { lockOwner } from '../settings/lock.ts';
import type { SitePaths } from './site-paths.ts';
import { readUpgrade, upgradeCommands } from './upgrade-record.ts';

/** `deployment.json`: a deployment writes it first and last. Without `endedAt` and `failedAt` it did not complete. */
const deploymentRecord = z.object({
  version: z.literal(1),
  /** Absolute path of the deployed site file. */
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
  /** `running`: a process of this machine is deploying. `interrupted`: it was killed or it failed. */
  state: 'ended' | 'running' | 'interrupted';
  /** The deployed site file, or the site's own copy when that is gone. */
  siteFile: string;
  startedAt: string;
  /** When it failed or was cancelled, unless it was killed. */
  failedAt?: string;
  /** The command that completes it from any folder. */
  resume: string;
  /** The command that undoes the upgrade of which it is a part, while that is unfinished. */
  undo?: string;
}

const limitBytes = 64 * 1024;

/** Records the start of a deployment before it makes anything else. Returns functions that record how it ended. */
export async function beginDeployment(
  paths: SitePaths,
  { siteFile, engine }: { siteFile: string; engine: string | undefined },
  now: () => Date,
): Promise<{ ended(): Promise<void>; failed(): Promise<void> }> {
  await makeFolder(paths.folder, 0o700).catch((error) => {
    throw fileError(paths.folder, 'write', error);
  });
  // A damaged record is overwritten.
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

/** Returns the last deployment of a site, or undefined without a readable record. `lock` is the lock of the data folder. */
export async function lastDeployment(paths: SitePaths, lock: string): Promise<Deployment | undefined> {
  const record = await readRecord(paths.deployment);
  if (!record) return undefined;
  const { startedAt, endedAt, failedAt } = record;
  const siteFile =
    (await pathExists(record.siteFile)) || !(await pathExists(paths.siteFile)) ? record.siteFile : paths.siteFile;
  const upgrade = await readUpgrade(paths);
  const commands = upgrade && upgradeCommands(paths.name);
  const about = { siteFile, startedAt, resume: commands?.resume ?? deployCommand(siteFile) };
  const of = commands ? { ...about, undo: commands.undo } : about;
  if (upgrade && (await isRunning(upgrade.startedAt, lock))) return { state: 'running', ...of };
  if (endedAt !== undefined) return { state: 'ended', ...of };
  if (failedAt !== undefined) return { state: 'interrupted', ...of, failedAt };
  return { state: (await isRunning(startedAt, lock)) ? 'running' : 'interrupted', ...of };
}

/** A holder of the lock from before the start is at work on it; a later holder is doing something else. */
async function isRunning(startedAt: string, lock: string): Promise<boolean> {
  const owner = await lockOwner(lock);
  return owner !== undefined && Date.parse(owner.since) <= Date.parse(startedAt);
}

/** Returns the command that deploys a site file from any folder. */
export function deployCommand(siteFile: string, ...flags: string[]): string {
  return ['sealift', 'deploy', siteFile, ...flags].map(shellWord).join(' ');
}

/** Returns the engines in which deployments of a site may have made something. Throws `site.record-damaged`. */
export async function usedEngines({ name, deployment: path }: SitePaths): Promise<string[]> {
  const bytes = await readBounded(path, limitBytes);
  const record = bytes && parseRecord(bytes);
  if (bytes && !record)
    throw appError('site.record-damaged', {
      path,
      problem: 'it is damaged or was written by another version of Sealift.',
      site: name,
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
