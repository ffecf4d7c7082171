/** Scheme of the page in the window. */
export const pageScheme = 'app';
/** Origin of the page in the window, which shows nothing else. */
export const pageOrigin: string = `${pageScheme}://sealift`;
/** The only address that is loaded. */
export const pageAddress: string = `${pageOrigin}/`;

/** Returns whether the URL is the page itself, with any fragment. Expects URLs as written by Chromium; any other spelling is foreign. */
export function isPage(url: unknown): boolean {
  return typeof url === 'string' && (url === pageAddress || url.startsWith(`${pageAddress}#`));
}

/** Returns whether the URL is a file created by the page, such as a report to save. */
export function isMadeByPage(url: unknown): boolean {
  return typeof url === 'string' && url.startsWith(`blob:${pageAddress}`);
}

/** Returns whether the window may load the URL: files of the page, files it created, inline images. */
export function mayLoad(url: string): boolean {
  return url.startsWith(pageAddress) || isMadeByPage(url) || url.startsWith('data:image/') || url === 'data:,';
}
