import type { CarriedPackages, PackageUse } from '../../../shared/carried-packages.ts';
import { packageUseNames, systemText } from '../../../shared/carried-packages.ts';
import { command, type Remedy } from '../../../shared/errors/define.ts';
import type { Machine } from '../../../shared/machine.ts';
import type { ImportRecord } from './import-record.ts';
import { newestOfEach, readImports } from './read-imports.ts';

/** A file set of a bundle or a store, as far as it concerns packages. */
export interface PackageSet {
  name: string;
  packages?: CarriedPackages | undefined;
}

/** What decides which packages a machine takes. */
export interface PackageSystem {
  id: string | null;
  version: string | null;
  architecture: string;
}

/** Returns these facts of a machine. */
export function systemOf({ os, cpu }: Pick<Machine, 'os' | 'cpu'>): PackageSystem {
  return { id: os.id, version: os.version, architecture: cpu.architecture };
}

/** Checks whether packages are for a system. A version also stands for those that start with it: 9 for 9.4. */
export function isFor(
  { system, version, architecture }: Omit<CarriedPackages, 'provides'>,
  here: PackageSystem,
): boolean {
  return system === here.id && architecture === here.architecture && `${here.version}.`.startsWith(`${version}.`);
}

/** Returns a remedy for each set whose packages bring a system what it lacks. */
export function installRemedies(use: PackageUse, here: PackageSystem, sets: readonly PackageSet[]): Remedy[] {
  return sets.flatMap(({ name, packages }) =>
    packages?.provides === use && isFor(packages, here)
      ? [
          command(
            `Install ${packageUseNames[use]} for ${systemText(packages)} from the imported packages`,
            `sealift packages install ${name}`,
          ),
        ]
      : [],
  );
}

/** A file set with packages, as the newest import of its name recorded it. */
export type StoredPackages = ImportRecord['files'][number] & { packages: CarriedPackages };

/** Returns the file sets of a store that have packages, by name. */
export async function storedPackages(store: string): Promise<StoredPackages[]> {
  const sets = (await readImports(store)).flatMap((record) => record.files);
  return newestOfEach(sets, (one) => one.name)
    .filter((one): one is StoredPackages => one.packages !== undefined)
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}
