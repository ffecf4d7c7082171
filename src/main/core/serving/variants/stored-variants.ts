import { join } from 'node:path';
import { loadVariants, variantsOn } from '../../catalog/llama-variants.ts';
import type { VariantGpu } from '../../catalog/variant-gpu.ts';
import { pathExists } from '../../files/path-exists.ts';
import type { CorePorts } from '../../ports.ts';
import { storePaths } from '../../store/store-paths.ts';
import type { PartOf } from '../parts/parts.ts';
import { type PackedPackage, unpackPackage } from './unpack-package.ts';

/** A variant of llama.cpp whose packages were imported. */
export interface StoredVariant {
  gpu: VariantGpu;
  packages: StoredPackage[];
}

/** A package of npm in the store; the folder that it is unpacked into has its digest as name. */
interface StoredPackage extends PackedPackage {
  name: string;
  bytes: number;
}

/**
 * Returns the variants for this platform whose packages are in the store, in the order in which the engine tries them. The digest of a file
 * decides, so it does not matter which bundle brought it, or under which name.
 */
export async function storedVariants({ paths, resources }: Pick<CorePorts, 'paths' | 'resources'>) {
  const here = variantsOn(await loadVariants(resources), process.platform, process.arch);
  const found: StoredVariant[] = [];
  for (const { gpu, packages } of here) {
    const stored: StoredPackage[] = [];
    for (const { name, bytes, integrity, sha256 } of packages) {
      const archive = storePaths(paths.store).blob(sha256);
      if (await pathExists(archive))
        stored.push({ name, archive, bytes, integrity, folder: join(paths.llamacpp, sha256) });
    }
    // What the others add is of no use without the first.
    if (stored[0]?.name === packages[0]?.name) found.push({ gpu, packages: stored });
  }
  return found;
}

/** Returns variants as the engine's process takes them; nothing where there are none, so that its plan stays as it was. */
export function variantsFor(variants: readonly StoredVariant[]): Pick<PartOf<'llamacpp'>, 'variants'> {
  if (variants.length === 0) return {};
  const packages = (one: StoredVariant) => one.packages.map(({ name, folder }) => ({ name, folder }));
  return { variants: variants.map((one) => ({ gpu: one.gpu, packages: packages(one) })) };
}

/** Returns whether all packages of a variant are unpacked. */
export async function isUnpacked({ packages }: StoredVariant): Promise<boolean> {
  const there = await Promise.all(packages.map(({ folder }) => pathExists(folder)));
  return there.every(Boolean);
}

/** Unpacks what is not unpacked yet. Errors as `unpackPackage`. */
export async function unpackVariant({ packages }: StoredVariant, signal: AbortSignal): Promise<void> {
  for (const one of packages) if (!(await pathExists(one.folder))) await unpackPackage(one, signal);
}
