/**
 * Returns where a list continues, as its `Link` header says: a path below `base`, or undefined at its end. Throws `elsewhere` for any other
 * address, which gets no request.
 */
export function nextPage(link: string, base: string, elsewhere: () => Error): string | undefined {
  const next = /<([^>]+)>;\s*rel="?next"?/.exec(link)?.[1];
  if (next === undefined) return undefined;
  const url = URL.canParse(next, base) ? new URL(next, base).href : '';
  if (!url.startsWith(base)) throw elsewhere();
  return url.slice(base.length);
}
