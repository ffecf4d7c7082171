/** Returns the version of vLLM in an image's tag, such as `0.32.0`; undefined for other tags. */
export function vllmVersionOf(image: string | undefined): string | undefined {
  return /:v?(\d+\.\d+\.\d+)/.exec(image ?? '')?.[1];
}

/** Returns whether a version, such as `0.9.2`, is older than another. */
export function isOlder(version: string, than: string): boolean {
  const [a, b] = [version, than].map((one) => one.split('.').map(Number.parseFloat));
  const at = [0, 1, 2].find((place) => a?.[place] !== b?.[place]);
  return at !== undefined && (a?.[at] ?? 0) < (b?.[at] ?? 0);
}
