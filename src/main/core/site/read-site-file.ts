import { readFile } from 'node:fs/promises';
import { type SiteFile, siteFile } from '../../../shared/site-file.ts';
import { readYamlFile } from '../settings/read-yaml-file.ts';

/** A checked site file and its exact text. */
export interface ReadSiteFile {
  site: SiteFile;
  text: string;
}

/** Reads and checks a site file. Throws rows of the error table. */
export async function readSiteFile(path: string): Promise<ReadSiteFile> {
  const site = await readYamlFile(path, 'The site file', siteFile);
  return { site, text: await readFile(path, 'utf8') };
}
