import { stat } from 'node:fs/promises';
import { ociManifest, parseOci } from '../bundle/oci-documents.ts';
import { readBounded } from '../files/read-bounded.ts';
import { readImports } from '../import/import-record.ts';
import { type StorePaths, storePaths } from '../import/store-paths.ts';

const maxManifestBytes = 4 * 1024 * 1024;

/** Paths of the blobs that belong to a model of the store alone: its files, its manifest and what that names. */
export async function ownBlobs(store: string, model: string): Promise<string[]> {
  const paths = storePaths(store);
  const own = new Set<string>();
  const needed = new Set<string>();
  for (const { models, files, images } of await readImports(store)) {
    for (const one of [...models, ...files]) {
      const hexes = [...one.files.map((file) => bare(file.sha256)), ...(await named(paths, one.manifestDigest))];
      const isIt = models.some((other) => other === one) && one.name === model;
      for (const hex of hexes) (isIt ? own : needed).add(hex);
    }
    for (const { digest } of images) for (const hex of await named(paths, digest)) needed.add(hex);
  }
  const there = await Promise.all(
    [...own]
      .filter((hex) => !needed.has(hex))
      .map((hex) =>
        stat(paths.blob(hex)).then(
          () => paths.blob(hex),
          () => [],
        ),
      ),
  );
  return there.flat();
}

/** A manifest and the blobs that it names, as far as the store has it. */
async function named(paths: StorePaths, digest: string): Promise<string[]> {
  try {
    const bytes = await readBounded(paths.blob(bare(digest)), maxManifestBytes);
    if (!bytes) return [bare(digest)];
    const { config, layers } = parseOci(bytes, ociManifest, 'A manifest');
    return [digest, config.digest, ...layers.map((one) => one.digest)].map(bare);
  } catch {
    return [bare(digest)];
  }
}

function bare(digest: string): string {
  return digest.replace('sha256:', '');
}
