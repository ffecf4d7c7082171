import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileError } from '../files/file-error.ts';
import { temporaryEnding } from '../files/write-whole.ts';
import { evidenceFiles, type SitePaths, secretFiles, upgradeFiles } from './site-paths.ts';

/** What is next to a file while it, or a lock, is being written, and stays when that process dies. */
const unfinished = String.raw`(${temporaryEnding}|\.[0-9a-f-]{16,36}\.new)?`;
const escaped = (names: readonly string[]) => names.map((name) => name.replaceAll('.', '\\.')).join('|');

/** The files that Sealift creates in a folder of a site. */
function ownNames(...patterns: string[]): RegExp {
  return new RegExp(`^(${patterns.join('|')})${unfinished}$`);
}

const topFiles = ownNames(
  escaped([
    ...['service-plan.json', 'service-state.json', 'service.lock', 'site.yaml', 'deployment.json'],
    'gitlab-before.json',
  ]),
);

function foldersOf(paths: SitePaths): [folder: string, own: RegExp][] {
  return [
    [paths.secrets, ownNames(escaped(Object.values(secretFiles)))],
    [paths.logs, ownNames(String.raw`[a-z0-9][a-z0-9._-]*\.log(\.1)?`)],
    [paths.standIns, ownNames(String.raw`gitlab\.json`)],
    [paths.evidence, ownNames(escaped(evidenceFiles))],
    [paths.upgrade, ownNames(escaped(Object.values(upgradeFiles)))],
    [paths.previous, ownNames(escaped(Object.values(upgradeFiles)))],
    [join(paths.folder, 'containers'), ownNames(String.raw`[0-9a-f]{12}-[A-Za-z][\w.-]*`)],
  ];
}

/** The folders that Sealift creates in the folder of a site. */
export function siteFolders(paths: SitePaths): string[] {
  return foldersOf(paths).map(([folder]) => folder);
}

/**
 * Lists the folder of a site: `own` are the files that Sealift creates, the ones that identify a site last; `foreign` is what
 * others put there, each folder and link as one entry. Links are not followed.
 */
export async function siteContents(paths: SitePaths): Promise<{ own: string[]; foreign: string[] }> {
  const folders = foldersOf(paths);
  const found = { own: [] as string[], foreign: [] as string[] };
  for (const [folder, own] of [...folders, [paths.folder, topFiles] as const]) {
    if (!(await lstat(folder).catch(() => undefined))?.isDirectory()) continue;
    const entries = await readdir(folder, { withFileTypes: true }).catch((error) => {
      throw fileError(folder, 'read', error);
    });
    for (const entry of entries) {
      const path = join(folder, entry.name);
      if (entry.isDirectory() && folders.some(([known]) => known === path)) continue;
      found[entry.isFile() && own.test(entry.name) ? 'own' : 'foreign'].push(path);
    }
  }
  const marks = [paths.siteFile, paths.deployment];
  const isMark = (path: string) => Number(marks.includes(path));
  return { own: found.own.sort((a, b) => isMark(a) - isMark(b)), foreign: found.foreign.sort() };
}
