/** Labels on everything that Sealift makes in an engine; uninstall removes exactly what carries the site's. */
export const labelKeys = {
  /** Name of the site. */
  site: 'app.sealift.site',
  /** Name of the part within the site: `gateway`, `model` … */
  part: 'app.sealift.part',
  /** SHA-256 of the specification that it was made from, secrets included as hashes. */
  spec: 'app.sealift.spec',
  /** Set to `true` on what a stand-in image runs. */
  simulated: 'app.sealift.simulated',
} as const;

/** The filter that finds all of one site. */
export function siteFilter(site: string): { label: string[] } {
  return { label: [`${labelKeys.site}=${site}`] };
}

/** True when Sealift made this for the site. */
export function isOurs(labels: Record<string, string> | null | undefined, site: string): boolean {
  return labels?.[labelKeys.site] === site;
}
