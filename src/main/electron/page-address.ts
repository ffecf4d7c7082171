/** Scheme of the page in the window. */
export const pageScheme = 'app';
/** Origin of the page in the window; nothing else is shown there. */
export const pageOrigin: string = `${pageScheme}://sealift`;
/** The one address that is loaded. */
export const pageAddress: string = `${pageOrigin}/`;

/** True for the page itself, at any place within it. Takes addresses as Chromium writes them; what is written otherwise is not ours. */
export function isPage(url: unknown): boolean {
  return typeof url === 'string' && (url === pageAddress || url.startsWith(`${pageAddress}#`));
}

/** True for a file that the page made itself, such as a report to save. */
export function isMadeByPage(url: unknown): boolean {
  return typeof url === 'string' && url.startsWith(`blob:${pageAddress}`);
}

/** True for what the window may load: files of the page, what it made itself, pictures within its text. */
export function mayLoad(url: string): boolean {
  return url.startsWith(pageAddress) || isMadeByPage(url) || url.startsWith('data:image/') || url === 'data:,';
}
