import { z } from 'zod';
import { digest, digestOf } from '../../../../shared/digest.ts';
import { appError } from '../../../../shared/errors/app-error.ts';
import { parseImageJson } from './image-json.ts';

const imageConfig = z.object({
  rootfs: z.object({ diff_ids: z.array(digest).max(9999) }),
  history: z.array(z.object({ empty_layer: z.boolean().optional() })).optional(),
});

/**
 * Reads an image's configuration and compares it with the manifest's layers (a name or digest each, lowest first). Returns the
 * digests of the unpacked layers. Throws `pack.not-an-image`, and `pack.image-incomplete` when they contradict each other.
 */
export function readDiffIds(path: string, configBytes: Uint8Array | undefined, layers: readonly string[]): string[] {
  const { rootfs, history = [] } = parseImageJson(path, imageConfig, configBytes, 'configuration');
  const diffIds = rootfs.diff_ids;
  const refuse = (problem: string) => appError('pack.image-incomplete', { path, problem });
  if (diffIds.length !== layers.length) {
    throw refuse(`its configuration has ${diffIds.length} layers and its manifest ${layers.length}`);
  }
  // A shorter history is harmless: it is optional, and engines run such images.
  const steps = history.filter((one) => !one.empty_layer).length;
  if (steps > diffIds.length) {
    throw refuse(`its history has ${steps} layers and its configuration ${diffIds.length}`);
  }
  const unpacked = new Map<string, string>();
  for (const [index, layer] of layers.entries()) {
    const diffId = diffIds[index] ?? '';
    const before = unpacked.get(layer) ?? diffId;
    if (before !== diffId) throw refuse(`its manifest has ${layer} twice, in place of two different layers`);
    unpacked.set(layer, diffId);
  }
  return diffIds;
}

/**
 * Returns, for each layer that is compressed, the digest that it must unpack to. Throws what `readDiffIds` throws, and
 * `pack.image-incomplete` when a layer that is not compressed differs from the one that the configuration has in its place.
 */
export function refuseOtherLayers(
  path: string,
  configBytes: Uint8Array,
  layers: { mediaType: string; digest: string }[],
): (string | undefined)[] {
  const digests = layers.map((one) => one.digest);
  const diffIds = readDiffIds(path, configBytes, digests);
  return layers.map(({ mediaType, digest }, index) => {
    if (!mediaType.endsWith('.tar')) return diffIds[index];
    if (digest === diffIds[index]) return undefined;
    const problem = `layer ${index + 1} is ${digest} in its manifest, but ${diffIds[index]} in its configuration`;
    throw appError('pack.image-incomplete', { path, problem });
  });
}

/** Throws `pack.image-incomplete` for a layer that unpacks to something else than its image's configuration has in its place, or not at all. */
export function refuseOtherContent(
  path: string,
  layer: string,
  { wanted, unpacked }: { wanted: string; unpacked: { sha256: string | undefined } },
): void {
  const found = unpacked.sha256 === undefined ? undefined : digestOf(unpacked.sha256);
  if (found === wanted) return;
  const problem = found
    ? `its layer ${layer} unpacks to ${found}, but its configuration has ${wanted} in that place`
    : `its layer ${layer} is cut off or damaged, and cannot be unpacked to its end`;
  throw appError('pack.image-incomplete', { path, problem });
}
