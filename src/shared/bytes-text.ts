/** Formats bytes for people: TiB, GiB, MiB or KiB with one decimal, without decimals from 100 on. */
export function bytesText(bytes: number): string {
  for (const [unit, size] of [
    ['TiB', 2 ** 40],
    ['GiB', 2 ** 30],
    ['MiB', 2 ** 20],
    ['KiB', 2 ** 10],
  ] as const) {
    const amount = bytes / size;
    if (amount >= 1) return `${amount >= 100 ? Math.round(amount) : amount.toFixed(1)} ${unit}`;
  }
  return `${Math.round(bytes)} B`;
}
