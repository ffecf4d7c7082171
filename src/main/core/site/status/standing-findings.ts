import { join } from 'node:path';
import { fewNames } from '../../../../shared/bounded-text.ts';
import { steps } from '../../../../shared/errors/define.ts';
import type { Finding } from '../../../../shared/finding.ts';
import { modelSites } from '../../../../shared/model-sites.ts';
import { shellWord } from '../../../../shared/shell-word.ts';
import { listFolder } from '../../files/list-folder.ts';
import { othersCanRead } from '../../files/others-can-read.ts';
import type { HomePaths } from '../../settings/paths.ts';
import { deployedSites } from '../../sites/deployed-sites.ts';
import { lastDeployment } from '../../sites/deployment-record.ts';
import { readSiteFile } from '../../sites/read-site-file.ts';
import type { SitePaths } from '../../sites/site-paths.ts';
import { readServiceStatus } from './service-status.ts';

/**
 * Returns what a person should hear whatever they asked for: that the service of a site was killed, and that others can read keys or
 * tokens of this data folder, or the files with secrets that were given.
 */
export async function standingFindings(home: HomePaths, given: readonly string[], now: Date): Promise<Finding[]> {
  const sites = await deployedSites(home.sites);
  const killed = await Promise.all(sites.map((one) => killedService(one, home.lock, now)));
  const own = await readable(await secretsOf(home, sites));
  const named = await Promise.all(sites.map(namedKeys));
  const others = await readable(new Set([...given, ...named.flat()]));
  return [...killed.flat(), ...ownReadable(own), ...givenReadable(others.filter((one) => !own.includes(one)))];
}

async function killedService(paths: SitePaths, lock: string, now: Date): Promise<Finding[]> {
  // Until a deployment has ended, only deploying again completes the site.
  if ((await lastDeployment(paths, lock))?.state !== 'ended') return [];
  const { findings } = await readServiceStatus(paths, now);
  return findings.filter((one) => one.id === 'site.service-not-running');
}

async function secretsOf(home: HomePaths, sites: readonly SitePaths[]): Promise<string[]> {
  return [
    ...(await filesIn(home.keys, '.pem')),
    ...(await filesIn(home.serve, '')),
    home.modelServerKey,
    ...(await Promise.all(sites.map((one) => filesIn(one.secrets, '')))).flat(),
  ];
}

/** The files with keys that a site file names. What is wrong with a site file is for other commands to say. */
function namedKeys({ siteFile }: SitePaths): Promise<string[]> {
  return readSiteFile(siteFile).then(
    ({ site }) => [
      ...(site.gateway.tls ? [site.gateway.tls.keyFile] : []),
      ...modelSites(site).flatMap(({ model: { endpointKey: key } }) => (key && 'file' in key ? [key.file] : [])),
    ],
    () => [],
  );
}

async function readable(places: Iterable<string>): Promise<string[]> {
  const found: string[] = [];
  for (const path of places) if (await othersCanRead(path)) found.push(path);
  return found;
}

function ownReadable(paths: readonly string[]): Finding[] {
  return readableFinding('home.secrets-readable', paths, 'sign, sign in or send requests in your name', [
    'If someone may have read a signing key, revoke it and create another: sealift key revoke NAME --reason "WHY"',
    'If someone may have read another file, remove it: it is created again at the next deployment or start.',
  ]);
}

function givenReadable(paths: readonly string[]): Finding[] {
  return readableFinding('given.secrets-readable', paths, 'use the token, key or passphrase in it', [
    'If someone may have read it, replace the token, key or passphrase.',
  ]);
}

function readableFinding(id: string, paths: readonly string[], may: string, further: readonly string[]): Finding[] {
  if (paths.length === 0) return [];
  return [
    {
      id,
      severity: 'amber',
      title: `Other users of this machine can read ${fewNames(paths)}.`,
      consequence: `Whoever reads such a file can ${may}.`,
      remedies: [steps(`Make it private again: chmod 600 ${paths.slice(0, 5).map(shellWord).join(' ')}`, ...further)],
    },
  ];
}

async function filesIn(folder: string, ending: string): Promise<string[]> {
  const names = await listFolder(folder).catch(() => []);
  return names.filter((name) => name.endsWith(ending)).map((name) => join(folder, name));
}
