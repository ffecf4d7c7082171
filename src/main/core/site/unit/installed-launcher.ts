import { realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/**
 * Returns the link by which an installed Sealift is started, in whichever version is in use; `node` is the Node of this one. Undefined when
 * this one was not installed by install.sh.
 */
export async function installedLauncher(node: string): Promise<string | undefined> {
  const folder = dirname(node);
  const own = join(folder, 'sealift');
  for (const link of [join(folder, '../../../../bin/sealift'), '/usr/local/bin/sealift'])
    if ((await realpath(link).catch(() => undefined)) === own) return link;
  return undefined;
}
