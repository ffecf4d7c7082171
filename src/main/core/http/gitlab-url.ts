import { withoutEndSlash } from './without-end-slash.ts';

// Pages of GitLab that people paste instead of its address.
const pages = /\/(-|api|admin|users\/sign_in)(\/|$)/;

/**
 * Returns GitLab's address as all requests need it: without a trailing slash, with the path that GitLab is served under (its relative
 * URL root), if any. Undefined for other schemes than http(s), credentials, queries, fragments, odd paths and pages of GitLab.
 */
export function gitlabBase(text: string): string | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password || url.search || url.hash)
    return undefined;
  const path = withoutEndSlash(url.pathname);
  return /^(\/[\w.-]+)*$/.test(path) && !pages.test(path) ? url.origin + path : undefined;
}
