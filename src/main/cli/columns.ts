import { plainLine } from '../../shared/plain-text.ts';

/** Returns rows as lines of aligned columns, two spaces apart. Each line starts with `indent` and has no trailing spaces. */
export function columns(table: readonly (readonly string[])[], indent = ''): string[] {
  const rows = table.map((row) => row.map(plainLine));
  const widths: number[] = [];
  for (const row of rows) for (const [at, cell] of row.entries()) widths[at] = Math.max(widths[at] ?? 0, cell.length);
  return rows.map((row) => `${indent}${row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join('  ')}`.trimEnd());
}
