/**
 * True when a result is of this deployment, or of none where there is none. Clocks are not compared, because people in an enclave often
 * change them.
 */
export function isOfDeployment(result: { deployedAt?: string | undefined }, deployedAt: string | undefined): boolean {
  return result.deployedAt === deployedAt;
}

/** True when a result is of this content of the site file, by its SHA-256; also for an older result, which does not say. */
export function isOfSiteFile(
  result: { siteFileSha256?: string | undefined },
  siteFileSha256: string | undefined,
): boolean {
  return result.siteFileSha256 === undefined || result.siteFileSha256 === siteFileSha256;
}
