import type { Release } from './release.ts';

/** A suite of a repository, as far as it decides which package is taken. */
export interface ArchiveSuite {
  /** The names that a person may write after a package: that of BUNDLE.yaml, and those of its Release file. */
  names: readonly string[];
  /** As apt ranks it: packages of a higher one come first, whatever their versions. */
  priority: number;
}

/** A suite without anything special. */
export const plainSuite: ArchiveSuite = { names: [], priority: 500 };

/** Returns what a suite's Release file says about its rank, as apt_preferences(5) has it. */
export function archiveSuite(name: string, { fields }: Pick<Release, 'fields'>): ArchiveSuite {
  const is = (field: string) => fields.get(field)?.toLowerCase() === 'yes';
  const priority = !is('NotAutomatic') ? plainSuite.priority : is('ButAutomaticUpgrades') ? 100 : 1;
  return { names: [name, fields.get('Suite') ?? name, fields.get('Codename') ?? name], priority };
}

/** True when packages for every architecture have an index of their own that apt reads too: it is listed, and nothing says not to. */
export function hasIndexForAll({ fields }: Pick<Release, 'fields'>): boolean {
  const without = fields.get('No-Support-for-Architecture-all')?.split(/\s+/) ?? [];
  const architectures = fields.get('Architectures')?.split(/\s+/) ?? ['all'];
  return architectures.includes('all') && !without.includes('Packages');
}
