/** Returns a base URL without the slashes at its end, so that a path can follow it. */
export function withoutEndSlash(url: string): string {
  return url.replace(/\/+$/, '');
}
