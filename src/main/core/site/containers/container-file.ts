import { dirname, join } from 'node:path';
import { sha256Hex } from '../../files/sha256.ts';
import type { SitePaths } from '../../sites/site-paths.ts';

/** A file in the site's folder that a container reads. Other users of this machine cannot: the site's folder is closed to them. */
export interface ContainerFile {
  title: string;
  path: string;
  content: string;
}

/** Names a file by its content: a container does not notice a changed file, and a changed path recreates it. */
export function containerFile(paths: SitePaths, title: string, name: string, content: string): ContainerFile {
  const hash = sha256Hex(content).slice(0, 12);
  return { title, path: join(dirname(paths.siteFile), 'containers', `${hash}-${name}`), content };
}
