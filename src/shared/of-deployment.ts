/**
 * True when a result is of this deployment, or of none where there is none. Clocks are not compared, because people in an enclave often
 * change them.
 */
export function isOfDeployment(result: { deployedAt?: string | undefined }, deployedAt: string | undefined): boolean {
  return result.deployedAt === deployedAt;
}
