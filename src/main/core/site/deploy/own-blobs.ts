import { hexOf } from '../../../../shared/digest.ts';
import { ociManifest, parseOci } from '../../bundle/format/oci-documents.ts';
import { pathExists } from '../../files/path-exists.ts';
import { readBounded } from '../../files/read-bounded.ts';
import { readImports } from '../../store/read-imports.ts';
import { type StorePaths, storePaths } from '../../store/store-paths.ts';

const maxManifestBytes = 4 * 1024 * 1024;

/** Returns the paths of blobs that only one model of the store needs: its files, its manifest and what that names. */
export async function ownBlobs(store: string, model: string): Promise<string[]> {
  const paths = storePaths(store);
  const own = new Set<string>();
  const needed = new Set<string>();
  for (const { models, files, images } of await readImports(store)) {
    for (const one of [...models, ...files]) {
      const hexes = [...one.files.map((file) => file.sha256), ...(await named(paths, one.manifestDigest))];
      const isIt = models.some((other) => other === one) && one.name === model;
      for (const hex of hexes) (isIt ? own : needed).add(hex);
    }
    for (const { digest } of images) for (const hex of await named(paths, digest)) needed.add(hex);
  }
  const alone = [...own].filter((hex) => !needed.has(hex)).map((hex) => paths.blob(hex));
  const exist = await Promise.all(alone.map(pathExists));
  return alone.filter((_path, at) => exist[at]);
}

/** Returns a manifest and the blobs that it names, if the store has it. */
async function named(paths: StorePaths, digest: string): Promise<string[]> {
  try {
    const bytes = await readBounded(paths.blob(hexOf(digest)), maxManifestBytes);
    if (!bytes) return [hexOf(digest)];
    const { config, layers } = parseOci(bytes, ociManifest, 'A manifest');
    return [digest, config.digest, ...layers.map((one) => one.digest)].map(hexOf);
  } catch {
    return [hexOf(digest)];
  }
}
