import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fewNames } from '../../../../shared/bounded-text.ts';
import { steps } from '../../../../shared/errors/define.ts';
import type { Finding } from '../../../../shared/finding.ts';
import { shellWord } from '../../../../shared/shell-word.ts';
import { listFolder } from '../../files/list-folder.ts';
import type { HomePaths } from '../../settings/paths.ts';
import { deployedSites } from '../../sites/deployed-sites.ts';
import { lastDeployment } from '../../sites/deployment-record.ts';
import type { SitePaths } from '../../sites/site-paths.ts';
import { readServiceStatus } from './service-status.ts';

/**
 * Returns what a person should hear whatever they asked for: that the service of a site was killed, and that others can read keys or
 * tokens of this data folder.
 */
export async function standingFindings(home: HomePaths, now: Date): Promise<Finding[]> {
  const sites = await deployedSites(home.sites);
  const killed = await Promise.all(sites.map((one) => killedService(one, home.lock, now)));
  return [...killed.flat(), ...(await readableSecrets(home, sites))];
}

async function killedService(paths: SitePaths, lock: string, now: Date): Promise<Finding[]> {
  // Until a deployment has ended, only deploying again completes the site.
  if ((await lastDeployment(paths, lock))?.state !== 'ended') return [];
  const { findings } = await readServiceStatus(paths, now);
  return findings.filter((one) => one.id === 'site.service-not-running');
}

async function readableSecrets(home: HomePaths, sites: readonly SitePaths[]): Promise<Finding[]> {
  const places = [
    ...(await filesIn(home.keys, '.pem')),
    ...(await filesIn(home.serve, '.url')),
    home.modelServerKey,
    ...(await Promise.all(sites.map((one) => filesIn(one.secrets, '')))).flat(),
  ];
  const isReadable = await Promise.all(places.map(othersCanRead));
  const readable = places.filter((_path, at) => isReadable[at]);
  if (readable.length === 0) return [];
  return [
    {
      id: 'home.secrets-readable',
      severity: 'amber',
      title: `Other users of this machine can read ${fewNames(readable)}.`,
      consequence: 'Whoever reads such a file can sign, sign in or send requests in your name.',
      remedies: [
        steps(
          `Make it private again: chmod 600 ${readable.slice(0, 5).map(shellWord).join(' ')}`,
          'If someone may have read a signing key, revoke it and create another: sealift key revoke NAME --reason "WHY"',
          'If someone may have read another file, remove it: it is created again at the next deployment or start.',
        ),
      ],
    },
  ];
}

async function filesIn(folder: string, ending: string): Promise<string[]> {
  const names = await listFolder(folder).catch(() => []);
  return names.filter((name) => name.endsWith(ending)).map((name) => join(folder, name));
}

async function othersCanRead(path: string): Promise<boolean> {
  if (process.platform === 'win32') return false;
  const found = await stat(path).catch(() => undefined);
  return found?.isFile() === true && (found.mode & 0o077) !== 0;
}
