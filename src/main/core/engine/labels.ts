/** Labels on everything that Sealift makes in an engine; uninstall removes exactly what carries the site's and its owner's. */
export const labelKeys = {
  /** Name of the site. */
  site: 'app.sealift.site',
  /** Random id of the data folder that the site belongs to: others may use the engine, and the name. */
  owner: 'app.sealift.owner',
  /** Name of the part within the site: `gateway`, `model` … */
  part: 'app.sealift.part',
  /** SHA-256 of the specification that it was made from, secrets included as hashes. */
  spec: 'app.sealift.spec',
  /** Set to `true` on what a stand-in image runs. */
  simulated: 'app.sealift.simulated',
} as const;

/** By what a site's things in an engine are known. */
export interface SiteMark {
  site: string;
  owner: string;
}

type Labels = Record<string, string> | null | undefined;

/** The labels of a site. */
export function siteLabels({ site, owner }: SiteMark): Record<string, string> {
  return { [labelKeys.site]: site, [labelKeys.owner]: owner };
}

/** The filter that finds all of one site, or of one of its parts. */
export function siteFilter(mark: SiteMark, part?: string): { label: string[] } {
  const labels = { ...siteLabels(mark), ...(part !== undefined && { [labelKeys.part]: part }) };
  return { label: Object.entries(labels).map(([key, value]) => `${key}=${value}`) };
}

/** True when this data folder made it for the site. */
export function isOurs(labels: Labels, { site, owner }: SiteMark): boolean {
  return labels?.[labelKeys.site] === site && labels[labelKeys.owner] === owner;
}

/** Who made what is not ours: another data folder, an earlier build that named no owner, or somebody without Sealift. */
export type Maker = 'other-sealift' | 'earlier-build' | 'somebody';

/** Who made something that is not ours, by its labels. */
export function makerOf(labels: Labels): Maker {
  if (labels?.[labelKeys.owner] !== undefined) return 'other-sealift';
  return labels?.[labelKeys.site] === undefined ? 'somebody' : 'earlier-build';
}
