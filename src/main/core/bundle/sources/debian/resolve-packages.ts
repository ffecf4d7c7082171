import { type ArchiveSuite, plainSuite } from './archive-suite.ts';
import { compareDebianVersions } from './debian-version.ts';
import type { DebianPackage } from './packages-index.ts';
import { parseRelations, type Relation, relationText, satisfies } from './relations.ts';

/** A package as one suite has it. */
export interface OfferedPackage extends DebianPackage {
  suite: ArchiveSuite;
}

/** Packages that were chosen, what of the base system they rely on, and why others could not be chosen, in sentences. */
export interface ResolvedPackages {
  packages: OfferedPackage[];
  /** Of those that were asked for, the ones that no source has. */
  absent: string[];
  /** Names of packages that every machine of the distribution has. */
  base: string[];
  problems: string[];
}

/**
 * The packages of repositories: of each name the newest of the suites with the highest priority. Those of other suites are taken where a
 * person names the suite (`name/suite`), or where nothing else satisfies a relation. Resolves what simple cases need: the first alternative
 * that exists, or the only package that provides it. It never goes back on a choice; what would need that is a problem for a person.
 */
export class DebianArchive {
  /** Of each name, the newest of each suite: those come first that are chosen first. */
  readonly #offers = new Map<string, OfferedPackage[]>();
  readonly #providers = new Map<string, { by: OfferedPackage; version: string | undefined }[]>();

  add(one: DebianPackage, suite = plainSuite): void {
    const known = this.#offers.get(one.name) ?? [];
    const same = known.find((other) => other.suite === suite);
    if (same && compareDebianVersions(same.version, one.version) >= 0) return;
    const others = known.filter((other) => other !== same);
    this.#offers.set(one.name, [...others, { ...one, suite }].sort(byRank));
  }

  /** All names. */
  names(): string[] {
    return [...this.#offers.keys()];
  }

  /** Returns these packages with everything that they need. With `withBase`, also what every machine has. */
  resolve(wanted: readonly string[], withBase: boolean): ResolvedPackages {
    this.#indexProviders();
    const baseNames = this.names().filter((name) => this.#ranked(name)[0]?.isBase);
    const base = withBase ? new Map<string, OfferedPackage>() : this.#closure(baseNames, new Map(), []);
    const problems: string[] = [];
    const chosen = this.#closure(wanted, base, problems);
    problems.push(...this.#conflicts([...chosen.values()]));
    const used = [...chosen.values()]
      .flatMap(({ depends }) => parseRelations(depends).flat())
      .filter(({ name }) => base.has(name) && !chosen.has(name));
    return {
      packages: [...chosen.values()].sort((a, b) => (a.name < b.name ? -1 : 1)),
      absent: wanted.filter((one) => !this.#asked(one)),
      base: [...new Set(used.map(({ name }) => name))].sort(),
      problems,
    };
  }

  /** `name`, or `name/suite`. */
  #asked(wanted: string): OfferedPackage | undefined {
    const [, name = wanted, suite] = /^([^/]+)\/(.+)$/.exec(wanted) ?? [];
    return this.#offers.get(name)?.find((one) => suite === undefined || one.suite.names.includes(suite));
  }

  /** The newest of a name for each priority: an older one of the same is never chosen by itself. */
  #ranked(name: string): OfferedPackage[] {
    const offers = this.#offers.get(name) ?? [];
    return offers.filter((one, at) => one.suite.priority !== offers[at - 1]?.suite.priority);
  }

  #closure(
    names: readonly string[],
    base: ReadonlyMap<string, OfferedPackage>,
    problems: string[],
  ): Map<string, OfferedPackage> {
    const chosen = new Map<string, OfferedPackage>();
    for (const one of names.flatMap((name) => this.#asked(name) ?? [])) chosen.set(one.name, one);
    const open = [...chosen.values()];
    // Growing while it is read.
    for (const one of open) {
      for (const group of parseRelations(one.depends)) {
        if (this.#isMet(group, chosen) || this.#isMet(group.filter(isOnEveryMachine), base)) continue;
        const found = this.#choose(group);
        const other = typeof found === 'string' ? undefined : chosen.get(found.name);
        if (typeof found === 'string') problems.push(`${one.name} needs ${relationText(group)}: ${found}`);
        else if (!other) {
          chosen.set(found.name, found);
          open.push(found);
        } else if (other !== found) problems.push(clash(one, group, [other, found]));
      }
    }
    return chosen;
  }

  #isMet(group: readonly Relation[], among: ReadonlyMap<string, OfferedPackage>): boolean {
    return group.some((relation) => {
      const real = among.get(relation.name);
      if (real && satisfies(real.version, relation)) return true;
      return this.#providersOf(relation).some((by) => among.get(by.name) === by);
    });
  }

  /** The package for a group of alternatives, or why there is none. Of a lower priority only where none of a higher one does. */
  #choose(group: readonly Relation[]): OfferedPackage | string {
    const known = group.map((relation) => ({
      real: this.#ranked(relation.name).filter(({ version }) => satisfies(version, relation)),
      providers: this.#providersOf(relation).filter((one) => this.#ranked(one.name).includes(one)),
    }));
    const found = known.flatMap(({ real, providers }) => [...real, ...providers]);
    for (const priority of new Set(found.map(({ suite }) => suite.priority).sort((a, b) => b - a))) {
      let several: string[] = [];
      const here = ({ suite }: OfferedPackage) => suite.priority === priority;
      for (const { real, providers } of known) {
        const [only, ...more] =
          [real.filter(here).slice(0, 1), providers.filter(here)].find((one) => one.length > 0) ?? [];
        if (only && more.length === 0) return only;
        if (several.length === 0) several = [only, ...more].flatMap((one) => one?.name ?? []);
      }
      if (several.length > 0) return `choose one of ${several.slice(0, 10).join(', ')}`;
    }
    const [other] = group.flatMap(({ name }) => this.#ranked(name));
    return other ? `the newest of the sources is ${other.name} ${other.version}` : 'none of the sources has it';
  }

  #providersOf(relation: Relation): OfferedPackage[] {
    const known = this.#providers.get(relation.name) ?? [];
    return known.filter(({ version }) => satisfies(version, relation)).map(({ by }) => by);
  }

  #indexProviders(): void {
    this.#providers.clear();
    for (const by of [...this.#offers.values()].flat()) {
      for (const { name, version } of parseRelations(by.provides).flat()) {
        const known = this.#providers.get(name) ?? [];
        known.push({ by, version });
        this.#providers.set(name, known);
      }
    }
  }

  #conflicts(chosen: readonly OfferedPackage[]): string[] {
    const byName = new Map(chosen.map((one) => [one.name, one]));
    return chosen.flatMap((one) =>
      parseRelations(one.conflicts)
        .flat()
        .flatMap((relation) => {
          const real = byName.get(relation.name);
          const isReal = real && real !== one && satisfies(real.version, relation);
          const providers = this.#providersOf(relation).filter(
            (by) => by !== one && byName.get(by.name) === by && by.name !== relation.name,
          );
          const names = providers.map(({ name }) => `${name}, which provides ${relationText([relation])}`);
          return [...(isReal ? [relationText([relation])] : []), ...names].map(
            (other) => `${one.name} cannot be installed together with ${other}`,
          );
        }),
    );
  }
}

function byRank(one: OfferedPackage, other: OfferedPackage): number {
  return other.suite.priority - one.suite.priority || compareDebianVersions(other.version, one.version);
}

function clash(
  { name }: OfferedPackage,
  group: readonly Relation[],
  [taken, needed]: [OfferedPackage, OfferedPackage],
): string {
  const [suite = ''] = needed.suite.names;
  return `${name} needs ${relationText(group)}, and ${taken.name} ${taken.version} was taken for others: ask for ${needed.name}/${suite}`;
}

/** A machine may have another build of what it was installed with. */
function isOnEveryMachine({ operator }: Relation): boolean {
  return operator !== '=';
}
