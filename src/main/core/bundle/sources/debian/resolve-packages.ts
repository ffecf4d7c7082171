import { compareDebianVersions } from './debian-version.ts';
import type { DebianPackage } from './packages-index.ts';
import { parseRelations, type Relation, relationText, satisfies } from './relations.ts';

/** Packages that were chosen, what of the base system they rely on, and why others could not be chosen, in sentences. */
export interface ResolvedPackages {
  packages: DebianPackage[];
  /** Names of packages that every machine of the distribution has. */
  base: string[];
  problems: string[];
}

/**
 * The packages of repositories: the newest of each name. Resolves what simple cases need: the first alternative that exists, or the only
 * package that provides it. It never goes back on a choice; what would need that is a problem for a person.
 */
export class DebianArchive {
  readonly #newest = new Map<string, DebianPackage>();
  readonly #providers = new Map<string, { by: string; version: string | undefined }[]>();

  add(one: DebianPackage): void {
    const known = this.#newest.get(one.name);
    if (!known || compareDebianVersions(known.version, one.version) < 0) this.#newest.set(one.name, one);
  }

  /** All names. */
  names(): string[] {
    return [...this.#newest.keys()];
  }

  /** Returns these packages with everything that they need. With `withBase`, also what every machine has. */
  resolve(wanted: readonly string[], withBase: boolean): ResolvedPackages {
    this.#indexProviders();
    const base = withBase ? new Map<string, DebianPackage>() : this.#closure(this.#baseNames(), new Map(), []);
    const problems: string[] = [];
    const chosen = this.#closure(wanted, base, problems);
    problems.push(...this.#conflicts([...chosen.values()]));
    const used = [...chosen.values()]
      .flatMap(({ depends }) => parseRelations(depends).flat())
      .filter(({ name }) => base.has(name) && !chosen.has(name));
    return {
      packages: [...chosen.values()].sort((a, b) => (a.name < b.name ? -1 : 1)),
      base: [...new Set(used.map(({ name }) => name))].sort(),
      problems,
    };
  }

  #closure(
    names: readonly string[],
    base: ReadonlyMap<string, DebianPackage>,
    problems: string[],
  ): Map<string, DebianPackage> {
    const chosen = new Map<string, DebianPackage>();
    const open = names.flatMap((name) => this.#newest.get(name) ?? []);
    for (const one of open) chosen.set(one.name, one);
    // Growing while it is read.
    for (const one of open) {
      for (const group of parseRelations(one.depends)) {
        if (this.#isMet(group, chosen) || this.#isMet(group.filter(isOnEveryMachine), base)) continue;
        const found = this.#choose(group);
        if (typeof found === 'string') problems.push(`${one.name} needs ${relationText(group)}: ${found}`);
        else if (!chosen.has(found.name)) {
          chosen.set(found.name, found);
          open.push(found);
        }
      }
    }
    return chosen;
  }

  #isMet(group: readonly Relation[], among: ReadonlyMap<string, DebianPackage>): boolean {
    return group.some((relation) => {
      const real = among.get(relation.name);
      if (real && satisfies(real.version, relation)) return true;
      return this.#providersOf(relation).some(({ by }) => among.has(by));
    });
  }

  /** The package for a group of alternatives, or why there is none. */
  #choose(group: readonly Relation[]): DebianPackage | string {
    let several: string[] = [];
    for (const relation of group) {
      const real = this.#newest.get(relation.name);
      if (real && satisfies(real.version, relation)) return real;
      const providers = this.#providersOf(relation);
      const [only] = providers;
      if (only && providers.length === 1) return this.#newest.get(only.by) ?? 'it does not exist';
      if (several.length === 0) several = providers.map(({ by }) => by);
    }
    if (several.length > 0) return `choose one of ${several.slice(0, 10).join(', ')}`;
    const [other] = group.flatMap(({ name }) => this.#newest.get(name) ?? []);
    return other ? `the newest of the sources is ${other.name} ${other.version}` : 'none of the sources has it';
  }

  #providersOf(relation: Relation): { by: string; version: string | undefined }[] {
    return (this.#providers.get(relation.name) ?? []).filter(({ version }) => satisfies(version, relation));
  }

  #baseNames(): string[] {
    return [...this.#newest.values()].filter(({ isBase }) => isBase).map(({ name }) => name);
  }

  #indexProviders(): void {
    this.#providers.clear();
    for (const { name: by, provides } of this.#newest.values()) {
      for (const { name, version } of parseRelations(provides).flat()) {
        const known = this.#providers.get(name) ?? [];
        known.push({ by, version });
        this.#providers.set(name, known);
      }
    }
  }

  #conflicts(chosen: readonly DebianPackage[]): string[] {
    const byName = new Map(chosen.map((one) => [one.name, one]));
    return chosen.flatMap((one) => {
      const isOther = (name: string) => name !== one.name && byName.has(name);
      return parseRelations(one.conflicts)
        .flat()
        .flatMap((relation) => {
          const real = byName.get(relation.name);
          const isReal = real && isOther(real.name) && satisfies(real.version, relation);
          const providers = this.#providersOf(relation).filter(({ by }) => isOther(by) && by !== relation.name);
          const names = providers.map(({ by }) => `${by}, which provides ${relationText([relation])}`);
          return [...(isReal ? [relationText([relation])] : []), ...names].map(
            (other) => `${one.name} cannot be installed together with ${other}`,
          );
        });
    });
  }
}

/** A machine may have another build of what it was installed with. */
function isOnEveryMachine({ operator }: Relation): boolean {
  return operator !== '=';
}
