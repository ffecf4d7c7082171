/**
 * Returns where a list continues, as its `Link` header says: a path below `base`, or undefined at its end. Throws `elsewhere` for any other
 * address, which gets no request.
 */
export function nextPage(link: string, base: string, elsewhere: () => Error): string | undefined {
  const next = /<([^>]+)>;\s*rel="?next"?/.exec(link)?.[1];
  if (next === undefined) return undefined;
  // Both as URL writes them: a server may write its own name in another way than a person.
  const start = new URL(base).href;
  const url = URL.canParse(next, start) ? new URL(next, start).href : '';
  if (!url.startsWith(start)) throw elsewhere();
  return url.slice(start.length);
}
