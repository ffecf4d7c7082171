import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Returns the Node and the command line that run the core. In a package these are in its own tree, whatever the environment says;
 * otherwise the launcher names the Node, and the command line is next to this file.
 */
export function corePlace(app: { isPackaged: boolean }, environment: NodeJS.ProcessEnv): { node: string; cli: string } {
  if (!app.isPackaged)
    return { node: environment.SEALIFT_NODE ?? 'node', cli: fileURLToPath(new URL('cli.js', import.meta.url)) };
  const tree = join(process.resourcesPath, 'sealift');
  const node = process.platform === 'win32' ? 'node.exe' : 'node';
  return { node: join(tree, 'bin', node), cli: join(tree, 'lib', 'out', 'main', 'cli.js') };
}
