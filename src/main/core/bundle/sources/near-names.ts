const most = 5;

/** Returns the names most like one that does not exist: with the longest common start first, of these the highest version. */
export function nearNames(wanted: string, names: readonly string[]): string[] {
  const byVersion = new Intl.Collator('en', { numeric: true });
  return names
    .map((name) => ({ name, common: commonStart(wanted, name) }))
    .filter(({ common }) => common > 0)
    .sort((a, b) => b.common - a.common || byVersion.compare(b.name, a.name))
    .slice(0, most)
    .map(({ name }) => name);
}

function commonStart(one: string, other: string): number {
  let length = 0;
  while (length < one.length && one[length] === other[length]) length += 1;
  return length;
}
