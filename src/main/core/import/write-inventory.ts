import { stat } from 'node:fs/promises';
import { hexOf } from '../../../shared/digest.ts';
import type { Inventory, InventoryContent } from '../bundle/format/inventory.ts';
import { inventoryKind } from '../bundle/format/inventory.ts';
import { maxManifestBytes, ociManifest, parseOci } from '../bundle/format/oci-documents.ts';
import type { Engine } from '../engine/connect-engine.ts';
import { storeKindOf } from '../engine/image-identity.ts';
import { readBounded } from '../files/read-bounded.ts';
import { refuseExisting } from '../files/refuse-existing.ts';
import { writeWhole } from '../files/write-whole.ts';
import { newestOfEach, readImports } from '../store/read-imports.ts';
import { type StorePaths, storePaths } from '../store/store-paths.ts';
import { chooseEngine, isEngine } from './images/choose-engine.ts';
import { availableManifests } from './images/engine-layers.ts';
import { isWhole, localId } from './images/local-image.ts';
import type { FoundSite } from './inventory-site.ts';

/** An inventory that was written, and why some of what was imported is not in it. */
export interface WrittenInventory {
  contents: InventoryContent[];
  notes: string[];
}

/**
 * Writes what a site has to a file for the packing side: names, digests and sizes, and what `found` says of the site; nothing about the machine. It is never signed, since a
 * signature names the site. An image is in it only if the engine can take a newer one without the layers of this one. An
 * existing file is not replaced: `input.invalid`.
 */
export async function writeInventory(
  { store, engine, out, found }: { store: string; engine: string | undefined; out: string; found?: FoundSite },
  { version, now }: { version: string; now: Date },
): Promise<WrittenInventory> {
  await refuseExisting('--out', out);
  const paths = storePaths(store);
  const notes: string[] = [...(found?.notes ?? [])];
  const records = await readImports(store);
  const contents: InventoryContent[] = [];
  for (const kind of ['model', 'files'] as const) {
    const sets = records.flatMap((record) => (kind === 'model' ? record.models : record.files));
    for (const { name, manifestDigest } of newestOfEach(sets, (one) => one.name)) {
      const content = await contentOf(kind, name, manifestDigest, paths);
      if (content) contents.push(await withStoredLayers(content, paths));
      else notes.push(`${name} is not in it: the store lacks its manifest.`);
    }
  }
  const images = newestOfEach(
    records.flatMap((record) => record.images),
    (one) => one.reference,
  );
  if (images.length > 0) contents.push(...(await imagesOf(images, paths, engine, notes)));
  const inventory: Inventory = {
    kind: inventoryKind,
    version: 1,
    createdAt: now.toISOString(),
    toolVersion: version,
    ...(found?.site && { site: found.site }),
    contents,
  };
  await writeWhole(out, `${JSON.stringify(inventory)}\n`, { mode: 0o644 });
  return { contents, notes };
}

async function contentOf(
  kind: InventoryContent['kind'],
  name: string,
  digest: string,
  paths: StorePaths,
): Promise<InventoryContent | undefined> {
  const bytes = await readBounded(paths.blob(hexOf(digest)), maxManifestBytes);
  if (!bytes) return undefined;
  const { config, layers } = parseOci(bytes, ociManifest, `The manifest of ${name}`);
  const blobs = [config, ...layers].map((one) => ({ digest: one.digest, sizeBytes: one.size }));
  return { kind, name, manifest: { digest, sizeBytes: bytes.length }, blobs };
}

async function withStoredLayers(content: InventoryContent, paths: StorePaths): Promise<InventoryContent> {
  const [config, ...layers] = content.blobs;
  const stored = await Promise.all(layers.map((layer) => isStored(layer, paths)));
  return { ...content, blobs: [...(config ? [config] : []), ...layers.filter((_, index) => stored[index])] };
}

async function isStored({ digest, sizeBytes }: InventoryContent['manifest'], paths: StorePaths): Promise<boolean> {
  const found = await stat(paths.blob(hexOf(digest))).catch(() => undefined);
  return found?.size === sizeBytes;
}

async function imagesOf(
  images: readonly { reference: string; digest: string; imageId: string }[],
  paths: StorePaths,
  asked: string | undefined,
  notes: string[],
): Promise<InventoryContent[]> {
  const engine = await chooseEngine(asked);
  if (!isEngine(engine)) {
    notes.push(`Images are not in it: ${engine.reason}.`);
    return [];
  }
  if (engine.isPodman) {
    notes.push('Images are not in it: Podman takes no image without all its layers, so they are always carried whole.');
    return [];
  }
  const has = await holderOf(engine);
  const found: InventoryContent[] = [];
  for (const image of images) {
    const content = (await has(image)) ? await contentOf('image', image.reference, image.digest, paths) : undefined;
    if (content) found.push(content);
    else notes.push(`The image ${image.reference} is not in it: the engine does not have it as it was imported.`);
  }
  return found;
}

/** Returns how to ask an engine whether it has an image as it was imported. */
async function holderOf(engine: Engine): Promise<(image: { imageId: string; digest: string }) => Promise<boolean>> {
  if (storeKindOf(engine.info) === 'containerd') {
    const available = await availableManifests(engine);
    return async ({ digest }) => available.has(digest);
  }
  return async ({ imageId }) => (await localId(engine, imageId)) === imageId && (await isWhole(engine, imageId));
}
