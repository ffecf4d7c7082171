const contextLines = 3;

/** Returns the one change between two texts in the unified format that `patch` and `git apply` read; empty when they are the same. */
export function unifiedDiff(path: string, before: string, after: string): string {
  if (before === after) return '';
  const [old, now] = [linesOf(before), linesOf(after)];
  const shortest = Math.min(old.length, now.length);
  let first = 0;
  while (first < shortest && old[first] === now[first]) first += 1;
  let last = 0;
  while (last < shortest - first && old.at(-1 - last) === now.at(-1 - last)) last += 1;
  const from = Math.max(0, first - contextLines);
  const rows = [
    ...old.slice(from, first).map((line) => ` ${line}`),
    ...old.slice(first, old.length - last).map((line) => `-${line}`),
    ...now.slice(first, now.length - last).map((line) => `+${line}`),
    ...old.slice(old.length - last, old.length - last + contextLines).map((line) => ` ${line}`),
  ].map((row) => (row.endsWith('\n') ? row : `${row}\n\\ No newline at end of file\n`));
  const removed = rows.filter((row) => !row.startsWith('+')).length;
  const added = rows.filter((row) => !row.startsWith('-')).length;
  const at = (length: number) => `${length === 0 ? from : from + 1},${length}`;
  return [`--- ${path}\n+++ ${path}\n`, `@@ -${at(removed)} +${at(added)} @@\n`, ...rows].join('');
}

/** With their line breaks. */
function linesOf(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}
