/** Labels on everything that Sealift creates in an engine. Uninstall removes exactly what has the site's and the owner's label. */
export const labelKeys = {
  /** Name of the site. */
  site: 'app.sealift.site',
  /** Random id of the site's data folder, because other data folders may use the same engine and site name. */
  owner: 'app.sealift.owner',
  /** Name of the part within the site: `gateway`, `model` … */
  part: 'app.sealift.part',
  /** SHA-256 of the specification that it was made from, secrets included as hashes. */
  spec: 'app.sealift.spec',
  /** Set to `true` on what a stand-in image runs. */
  simulated: 'app.sealift.simulated',
} as const;

/** Identifies the objects of a site in an engine. */
export interface SiteMark {
  site: string;
  owner: string;
}

type Labels = Record<string, string> | null | undefined;

/** The labels of a site. */
export function siteLabels({ site, owner }: SiteMark): Record<string, string> {
  return { [labelKeys.site]: site, [labelKeys.owner]: owner };
}

/** Returns the filter for all objects of a site, or of one of its parts. */
export function siteFilter(mark: SiteMark, part?: string): { label: string[] } {
  const labels = { ...siteLabels(mark), ...(part !== undefined && { [labelKeys.part]: part }) };
  return { label: Object.entries(labels).map(([key, value]) => `${key}=${value}`) };
}

/** Returns whether this data folder created the object for the site. */
export function isOurs(labels: Labels, { site, owner }: SiteMark): boolean {
  return labels?.[labelKeys.site] === site && labels[labelKeys.owner] === owner;
}

/** Creator of an object that is not ours: another data folder, an earlier build that named no owner, or someone without Sealift. */
export type Maker = 'other-sealift' | 'earlier-build' | 'somebody';

/** Returns who created an object that is not ours, by its labels. */
export function makerOf(labels: Labels): Maker {
  if (labels?.[labelKeys.owner] !== undefined) return 'other-sealift';
  return labels?.[labelKeys.site] === undefined ? 'somebody' : 'earlier-build';
}
