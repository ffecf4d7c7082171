/** Returns a line about what did not fit into an answer, such as "  … and 3 more"; none where everything did. */
export function moreLines(count: number, indent = '  '): string[] {
  return count > 0 ? [`${indent}… and ${count} more`] : [];
}
