/** How many numbers a list of the kernel names, such as `0-3,8`; null when it is none. */
export function countListed(text: string): number | null {
  if (!/^\d{1,6}(-\d{1,6})?(,\d{1,6}(-\d{1,6})?)*\s*$/.test(text)) return null;
  const counts = text
    .trim()
    .split(',')
    .map((part) => {
      const [from, to] = part.split('-').map(Number);
      return (to ?? from ?? 0) - (from ?? 0) + 1;
    });
  return counts.every((one) => one > 0) ? counts.reduce((sum, one) => sum + one, 0) : null;
}

/** The number in a file of one number; null when it holds something else. */
export function numberOf(text: string | undefined): number | null {
  return text !== undefined && /^\d{1,15}\s*$/.test(text) ? Number(text) : null;
}
