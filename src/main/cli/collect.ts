/** Parses an option that may be given several times into a list. */
export function collect(value: string, before: string[] | undefined): string[] {
  return [...(before ?? []), value];
}
